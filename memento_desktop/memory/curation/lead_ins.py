"""What stands before and behind a statement and says nothing of its own: "by the way", "just so you know", "in case you need it"."""

from __future__ import annotations

import re

_LEADS = (
    r"well|oh|hey|hi|hello|so|ok|okay|yes|yeah|yep|no(?=\s*[,.;:!–—-]| (?:my|it|i|the|that)\b)|nope|actually|anyway|also|and|but|plus|"
    r"now|today|sorry|please|by the way|btw|fyi|for the record|just so you know|"
    r"(?:please )?(?:note|remember|keep in mind|do not forget)(?: that)?|correction|update|i (?:meant|mean)|good news|bad news|"
    r"you should know(?: that)?|from now on|one more thing|as you know|as i said|oops|wait|the thing is(?: that)?|"
    r"i should (?:say|mention)(?: that)?|i forgot to (?:say|mention)(?: that)?|it turns out(?: that)?|in fact|to be clear|"
    r"as of (?:now|today)|turns out(?: that)?|that is wrong|um+|uh+|erm?|hmm+|ah|alright|all right|"
    r"(?:right|listen|look|important|attention|news)(?=\s*[,.;:!–—-])|guess what|you know(?: what)?|mind you|honestly|frankly|"
    r"personally|basically|for (?:your|the) (?:information|info|notes|files?|memory|records?)|for info|just to let you know|"
    r"to let you know|so you know|"
    r"(?:a |just a )?(?:quick|small|little|short|tiny|minor) (?:note|update|heads[ -]up|reminder|info|correction|change|thing)|"
    r"heads[ -]up|reminder|memo|note to self|change of plans?|(?:a |my )?(?:mistake|typo)|my bad|scratch that|strike that|"
    r"(?:just )?(?:in case )?i (?:have not|did not|never) (?:say|said|mention|mentioned|tell you|told you)(?: (?:it|this|so))?(?: "
    r"(?:yet|already|before))?(?: that)?|"
    r"(?:i )?(?:just )?(?:want|wanted|need|needed|have|had|ought|meant) to (?:tell you|let you know|say|mention|add)(?: that)?|"
    r"i (?:must|have to|should|ought to) (?:add|admit|confess|tell you|let you know|note)(?: that)?|"
    r"i would like (?:you to (?:know|remember|note)|to (?:mention|add|say))(?: that)?|"
    r"let me (?:mention|add|say|tell you|correct that)(?: that)?|let it be known(?: that)?|"
    r"i forgot(?: to (?:tell you|add))?(?: that)?|did i mention(?: that)?|have i told you(?: that)?|"
    r"(?:you )?(?:might|may|should|will) (?:like|want|need) to know(?: that)?|"
    r"(?:it is )?(?:good|worth) (?:to know|knowing|noting|mentioning)(?: that)?|"
    r"(?:(?:could|can|would) you )?(?:please )?(?:note|remember|save|write down|keep in mind) that|"
    r"i (?:have )?(?:just )?(?:discovered|found out|learn(?:ed|t)|reali[sz]ed|noticed|remembered)(?: that)?(?=\s+(?:i|my|we|our|that)"
    r"\b)|if (?:anyone|anybody|someone|somebody|you) (?:asks?|wonders?|cares?|must know|want to know)(?=\s*,)|given (?:a|the) choice|"
    r"as it happens|these days|i can tell you(?: that)?|rest assured(?: that)?|before i forget|"
    r"while (?:i|we) (?:think of it|am at it|are at it)|speaking of which|be aware(?: that)?|kindly note(?: that)?|"
    r"as a matter of fact|the (?:fact|truth) is(?: that)?|it so happens(?: that)?|(?:as )?i told you|as (?:i )?mentioned(?: before)?|"
    r"(?:please )?(?:make (?:a )?note|take note|write down|note down|jot down|put down|save|store|memori[sz]e)(?: (?:this|that|it))"
    r"?(?=[\s:,])|(?:the )?latest(?: news)?(?=\s*:)|these days|nowadays|at the moment|currently|lately|recently|meanwhile|by now|"
    r"as of late|for (?:me|now)(?=\s*,)|me(?=\s*,)|as for me|in my case|after all|finally|funny enough|believe it or not|big news|"
    r"breaking news|exciting news|little known fact|fun fact"
)
_TAGS = (
    r"by the way|btw|fyi|you know|(?:just )?so you know|for your (?:information|info|records?|notes)|for the record|"
    r"(?:just )?in case(?: (?:you|i|we|it|that|anybody|anyone|this|somebody|someone)\b[^,;.]*)?|"
    r"if you (?:ever )?(?:need|want|must|care|wonder|ask)\b[^,;.]*|if anyone asks|if that (?:matters|helps)|"
    r"as (?:you (?:may )?know|mentioned(?: before)?|i (?:said|told you|mentioned)(?: before)?|of (?:late|today|now)|always|ever|"
    r"before)|thanks(?: a lot)?|thank you|thx|please|ok(?:ay)?|remember|mind you|believe it or not|"
    r"to be (?:exact|precise|clear|honest)|actually|"
    r"(?:please )?(?:note|remember|save|keep|write down|make a note of|do not forget) (?:it|that|this)(?: down)?(?: please)?|"
    r"do not forget|for a change|after all|at last|would you believe(?: it)?|haha|lol|in fact|folks|again|to this day|"
    r"for some time(?: now)?|for (?:a while|ages)(?: now)?|until further notice|for the time being|[:;]-?[)D(]"
)
LEAD = re.compile(rf"\A(?:(?:{_LEADS})(?:[ ,:;.!–—-]+|$))+", re.IGNORECASE)
"""What leads up to a statement, once or several times."""
TAG = re.compile(rf"(?:\s*[,;–—(-]\s*|\s+)(?:{_TAGS})\)?[\s.!]*$", re.IGNORECASE)
"""What may follow a statement; taken off from its end, one after the other."""


def bare(text: str) -> str:
    """A sentence, contractions written out, without what leads up to what it says and what only trails behind."""
    text = LEAD.sub("", text.rstrip(".! "), count=1)
    for _ in range(3):
        shorter = TAG.sub("", text).rstrip(" ,;.!")
        if shorter == text or len(shorter.split()) < 2:
            break
        text = shorter
    return text
