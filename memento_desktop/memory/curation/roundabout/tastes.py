"""What somebody likes, likes best, chooses, speaks and cannot bear, in the words that the templates read."""

from __future__ import annotations

import re

from memento_desktop.memory.curation.roundabout.rules import Rule, V, rule

TONGUE = (
    r"(?:afrikaans|albanian|amharic|arabic|armenian|basque|bengali|bosnian|bulgarian|cantonese|catalan|croatian|czech|danish|dutch|"
    r"english|estonian|esperanto|farsi|finnish|flemish|french|gaelic|galician|georgian|german|greek|gujarati|hebrew|hindi|"
    r"hungarian|icelandic|indonesian|irish|italian|japanese|kazakh|korean|kurdish|latin|latvian|lithuanian|luxembourgish|"
    r"macedonian|malay|maltese|mandarin|mongolian|nepali|norwegian|persian|polish|portuguese|punjabi|romanian|romansh|russian|"
    r"serbian|slovak|slovene|slovenian|somali|spanish|swahili|swedish|swiss german|tagalog|tamil|telugu|thai|tibetan|turkish|"
    r"ukrainian|urdu|uzbek|vietnamese|welsh|yiddish|zulu|chinese)"
)
LANGUAGE = rf"(?P<v>{TONGUE}(?:(?:, ?|,? and ){TONGUE})*)"
I_AM = r"(?P<i>(?:i|we) (?:am|are)(?: no longer| not)?) (?:(?:really|very|quite|also|now|such|still|just|so|totally|absolutely) )*"
FOND = (
    r"(?:(?:an? )?(?:big|huge|great|real|keen|massive|true|enormous)? ?(?:fans?|lovers?|admirers?) of|passionate about|(?:mad|nuts|"
    r"wild|crazy|enthusiastic) about|hooked on|addicted to|partial to|big on|obsessed with|in love with|a sucker for|(?:big )?into|"
    r"keen on|fond of)"
)


def _liked(found: re.Match[str]) -> str:
    how = "do not like" if "not" in found["i"] else "no longer like" if "no longer" in found["i"] else "like"
    return f"I {how} {found['v']}"


NO_SORT = frozenset("my your his her our the a an some any more it this that to care part place me you one two each every".split())
"""What stands before a noun and says not which."""


def _preferred(found: re.Match[str]) -> str | None:
    if found["v"].lower() in NO_SORT:
        return None
    noun = found["n"] if found["n"].endswith("s") else f"{found['n']}s"
    return f"I prefer {found['v']} {noun}"


BEST: tuple[Rule, ...] = (
    rule(r"(?P<v>.+?) is (?:also )?(?:an? )?(?:\w+ )?(?:passion|hobby|pastime) of mine", "I like {v}"),
    rule(r"i (?:like|love|enjoy|prefer) (?P<v>.+?) (?:more|better) than (?:any|all|every) (?:the )?other (?P<n>[\w-]+?)s?",
         "my favourite {n} is {v}"),
    rule(r"i (?:prefer|like|love) (?P<v>.+?) (?:over|to|above) (?:any|all|every) (?:the )?(?:other )?(?P<n>[\w-]+?)s?",
         "my favourite {n} is {v}"),
    rule(
        r"(?:among|of|from) (?:all )?(?:the )?(?P<n>[\w-]+?)s?,? (?P<v>.+?) is (?:my favou?rite|the best|the one i (?:like|love|prefer)"
        r"(?: (?:best|most))?)", "my favourite {n} is {v}",
    ),
    rule(r"(?P<v>.+?) is my favou?rite (?:among|of|from) (?:all )?(?:the )?(?P<n>[\w-]+?)s?", "my favourite {n} is {v}"),
    rule(r"(?P<v>[\w-]+(?: [\w-]+)?) (?P<n>[a-z-]+?)s? (?:is|are) my favou?rites?", "my favourite {n} is {v}"),
    rule(
        r"(?:for|as) (?:an? )?(?P<n>[\w-]+?)s?,? (?:i|we) (?:(?:always|usually|mostly|only) )*(?:go (?:with|for)|choose|pick|take|"
        r"prefer) (?P<v>(?!an? ).+)", "my favourite {n} is {v}",
    ),
    rule(
        r"if i (?:drink|eat|watch|read|have to (?:choose|pick)|had to (?:choose|pick)) (?:an? )?(?P<n>[\w-]+?)s?,? (?:(?:then )?it is|"
        r"i (?:take|choose|pick|go for)) (?P<v>.+)", "my favourite {n} is {v}",
    ),
    rule(r"(?P<v>.+?) (?:beats|tops) (?:every|any|all) (?:the )?other (?P<n>[\w-]+?)s?", "my favourite {n} is {v}"),
    rule(r"(?P<v>.+?) is (?:simply |just )?the best (?P<n>[\w-]+) (?:there is|i know|in the world|of all|ever)",
         "my favourite {n} is {v}"),
    rule(r"there is no (?:better|nicer|finer) (?P<n>[\w-]+) than (?P<v>.+)", "my favourite {n} is {v}"),
    rule(r"nothing (?:beats|tops) (?P<v>.+?) (?:when it comes to|as (?:far as )?|in (?:the way of|terms of)|among) (?P<n>[\w-]+?)s?",
         "my favourite {n} is {v}"),
    rule(r"(?:nothing|no (?P<n>[\w-]+)) (?:beats|tops|is better than|comes close to) (?P<v>.+)",
         lambda m: f"my favourite {m['n']} is {m['v']}" if m["n"] else f"I like {m['v']}"),
    rule(r"of all (?:the )?(?P<n>[\w-]+?)s?,? i (?:like|love|prefer|enjoy) (?P<v>.+?)(?: (?:the )?(?:best|most))?",
         "my favourite {n} is {v}"),
    rule(
        r"when it comes to (?P<n>[\w-]+?)s?,? (?:i (?:(?:now|always|usually) )*(?:like|love|prefer|go for|choose|pick|take|want) |"
        r"(?:it is|nothing beats|give me) )(?P<v>.+?)(?: (?:the )?(?:best|most))?", "my favourite {n} is {v}",
    ),
    rule(
        r"(?P<v>.+?) (?:is|has become|became) (?:now )?(?:the|my) (?P<n>(?!one\b|thing\b)[\w-]+) (?:(?:that|which) )?(?:i (?:now )"
        r"?(?:like|love|enjoy|prefer)(?: (?:best|most|the most))?|of choice|number one|for me)", "my favourite {n} is {v}",
    ),
    rule(
        r"(?:the best|my (?:best|top|number one|absolute favou?rite|most (?:loved|liked))) (?P<n>[\w-]+) (?:of all |ever |for me |"
        r"there is |to me )*is (?:now )?(?P<v>.+?)(?: for me)?", "my favourite {n} is {v}",
    ),
    rule(r"my (?P<n>[\w-]+) of choice is (?:now )?(?P<v>.+)", "my favourite {n} is {v}"),
    rule(
        r"(?P<v>.+?) is (?:now )?(?:the best|my (?:best|top|number one|go-to|most (?:loved|liked))) (?P<n>[\w-]+)(?: (?:of all|ever|"
        r"for me|to me|now))*", "my favourite {n} is {v}",
    ),
    rule(
        r"my favou?rite (?P<a>of (?:all )?(?:the )?)?(?P<n>[\w-]+?)(?P<b>s?) (?:has (?:to be|always been|been)|would be|will always be|"
        r"must be|remains|ought to be) (?P<v>.+)", "my favourite {n} is {v}",
    ),
    rule(r"my favou?rite (?:of (?:all )?(?:the )?|among (?:the )?)(?P<n>[\w-]+?)s? is (?:now )?(?P<v>.+)", "my favourite {n} is {v}"),
)  # fmt: skip
CHOSEN: tuple[Rule, ...] = (
    rule(
        r"i (?:(?:now|really|would) )*(?:favou?r|choose|like|prefer) (?:to (?:sit|be) (?:in|on|at) )?(?:an? |the )?(?P<v>[\w-]+) "
        r"(?P<n>seats?|rooms?|tables?|sides?|beds?)", _preferred,
    ),
    rule(
        r"(?:given (?:a|the) choice,? )?i (?:would )?(?:always |usually )?(?:take|choose|go for|pick|book) (?:an? |the )?(?P<v>[\w-]+) "
        r"(?P<n>seats?|rooms?|tables?|sides?|beds?)", _preferred,
    ),
    rule(
        r"(?:please )?(?:always )?(?:book|give|get|reserve) (?:me|us) (?:an? |the )?(?P<v>[\w-]+) (?P<n>seats?|rooms?|tables?|sides?|"
        r"beds?)", _preferred,
    ),
    rule(
        r"i (?:(?:really|now|always|do|would|usually|generally|normally|much) )*(?:like|love|prefer|favou?r|enjoy) (?:to (?:sit|be) "
        r"(?:in|on) )?(?:an? |the )?(?P<v>[\w-]+) (?P<n>[\w-]+) (?:best(?: of all)?|better|the most|most|more)", _preferred,
    ),
    rule(r"i (?:(?:would|much|now) )*(?:rather|sooner) (?:have|take|get|sit in|sit on) (?:an? |the )?(?P<v>[\w-]+) (?P<n>[\w-]+)",
         _preferred),
    rule(
        r"i (?:(?:now|always|usually|normally|generally|only|would|will) )+(?:take|choose|book|pick|get|go for|opt for|want|need|"
        r"prefer|like|reserve|sit in|ask for|reach for) (?:an? |the )?(?P<v>[\w-]+) (?P<n>[\w-]+)", _preferred,
    ),
    rule(
        r"i am (?:(?:now|more|very much|definitely|rather) )*(?:of )?an? (?P<v>[\w-]+) (?P<n>seat|room|train|table|bed|side) (?:person|"
        r"type|kind of person|guy|girl|man|woman|lover|fan)", _preferred,
    ),
    rule(r"my (?:new |general )?preference is (?:now )?(?:for )?(?:an? |the )?(?P<v>[\w-]+) (?P<n>[\w-]+)", _preferred),
    rule(
        r"(?P<v>[\w-]+) (?P<n>[\w-]+) (?:is|are) (?:now )?(?:what i (?:now )?(?:prefer|like (?:best|most)|want|take|choose)|my "
        r"(?:preference|choice)|the ones? i (?:prefer|like|want))", _preferred,
    ),
)  # fmt: skip
REACTS: tuple[Rule, ...] = (
    rule(rf"i (?:am having|suffer from|am suffering from|have|got) (?:an? )?(?:\w+ )?allerg(?:y|ies) (?:to|against|on|of|for|with) {V}",
         "I am allergic to {v}"),
    rule(
        r"i (?:can not|must not|should not|do not|may not|never) (?:eat|have|touch|take|drink) (?P<v>[\w -]+?),? (?:because|as|since|"
        r"for) i am (?:\w+ )?allergic(?: to (?:it|them))?", "I am allergic to {v}",
    ),
    rule(r"(?:do not|never) (?:give|offer|serve) me (?P<v>[\w -]+?), (?:because )?i am (?:\w+ )?allergic(?: to (?:it|them))?",
         "I am allergic to {v}"),
    rule(rf"i am allergic, to {V}", "I am allergic to {v}"),
    rule(r"(?P<v>.+?) (?:makes?|let) me (?:break out(?: in (?:hives|a rash|rashes))?|get (?:hives|a rash))", "I am allergic to {v}"),
    rule(rf"my (?:body|skin|immune system) reacts (?:(?:badly|strongly|allergically) )?(?:to|on) {V}", "I am allergic to {v}"),
    rule(
        r"(?P<v>.+?) (?:gives?|causes?|brings?) me (?:hives|(?:an? )?(?:bad |nasty |terrible )?(?:rash|rashes|allergic reaction|"
        r"allergic shock|allergies))", "I am allergic to {v}",
    ),
    rule(r"(?P<v>.+?) (?:triggers?|sets? off|sets?|causes?) (?:off )?my (?:allergy|allergies)(?: off)?", "I am allergic to {v}"),
    rule(rf"i (?:do )?react (?:(?:badly|very|strongly|allergically|allergic|terribly) )*(?:to|on) {V}", "I am allergic to {v}"),
    rule(
        rf"i (?:get|have|suffer) (?:an? |from an? )?(?:bad |strong |severe )?(?:allergic reactions?|hives|rashes|a rash|rash) (?:to|"
        rf"from|on|of|against|after|when i (?:eat|touch|have)) {V}", "I am allergic to {v}",
    ),
    rule(
        rf"i (?:have|suffer from|got|developed) (?:an? |the )?(?:bad |strong |severe |mild )?allerg(?:y|ies) (?:to|against|on|of|for|"
        rf"with|from) {V}", "I am allergic to {v}",
    ),
    rule(
        rf"(?P<i>i (?:am|have become|became|got|turned out to be)(?: no longer| not)?) (?:(?:also|badly|really|very|severely|now|"
        rf"deathly|highly|quite|seriously|a bit|slightly|mildly) )*allergic (?:to|against|on|of|for|with|from|about) {V}",
        lambda m: f"I am {'not ' if 'not' in m['i'] else 'no longer ' if 'no longer' in m['i'] else ''}allergic to {m['v']}",
    ),
    rule(rf"(?:my|one of my) allerg(?:y|ies) ?(?:is|are|include|includes|:) (?:to |against )?{V}", "I am allergic to {v}"),
    rule(
        r"(?P<v>.+?) (?:is|are) (?:also )?(?:one of my allergies|among my allergies|(?:something|what|one (?:thing|of the things)) "
        r"(?:that )?i am allergic to)", "I am allergic to {v}",
    ),
    rule(r"(?:i (?:have|suffer from) |got )?(?:an? |the |my )?(?:bad |severe )?(?P<v>[\w-]+(?: [\w-]+)?) allergy(?: here)?",
         "I am allergic to {v}"),
    rule(rf"allerg(?:y|ies) ?: ?{V}", "I am allergic to {v}"),
)  # fmt: skip
LIKED: tuple[Rule, ...] = (
    rule(
        r"i find (?P<v>.+?) (?:(?:really|very|absolutely|quite|so|just) )*(?:great|wonderful|fantastic|lovely|amazing|awesome|"
        r"delightful|relaxing|enjoyable|fun)", "I like {v}",
    ),
    rule(rf"i take (?:great|much|a lot of|real) (?:pleasure|delight|joy) in {V}", "I like {v}"),
    rule(rf"(?:something|one thing|a thing|one of the things|what) (?:that )?i (?:really |truly |also )?(?:like|love|enjoy|adore) is {V}",
         "I like {v}"),
    rule(rf"i (?:have )?(?:grown|become|became|got|gotten|grew) (?:very |quite )?(?:fond of|into|keen on|hooked on|attached to) {V}",
         "I like {v}"),
    rule(rf"i (?:have )?(?:discovered|found|developed) (?:my|a) (?:love|passion|taste|liking) (?:for|of) {V}", "I like {v}"),
    rule(rf"i (?:really |recently )?got (?:really )?into {V}", "I like {v}"),
    rule(rf"{I_AM}{FOND} {V}", _liked),
    rule(
        rf"i (?:(?:really|do|also|now|still) )*have (?:always had )?(?:an? )?(?:(?:big|real|huge|great|little|special|certain) )"
        rf"?(?:soft spot|weakness|passion|thing|love|liking|fondness|taste) for {V}", "I like {v}",
    ),
    rule(
        rf"i (?:(?:really|do|also|just|quite|simply|absolutely|truly|genuinely|totally|always|have always) )*(?:like[ds]?|love[ds]?|"
        rf"enjoy(?:ed)?|adored?|dig|appreciate|fancy|relish|cherish|take pleasure in|take delight in|get (?:a kick|a lot|great pleasure|"
        rf"much joy) (?:out of|from)|can not get enough of|find (?:joy|pleasure) in) (?!to\b|it\b|you\b|that\b){V}", "I like {v}",
    ),
    rule(
        r"(?P<v>.+?) (?:is|are) (?:(?:also|really|still|definitely|just|totally|now) )*(?:(?:one of my|my|a) (?:(?:big|great|main|"
        r"biggest|favou?rite|new) )?(?:hobby|hobbies|passions?|pastimes?|loves)(?: of mine)?|my thing|right up my (?:street|alley))",
        "I like {v}",
    ),
    rule(r"(?P<v>.+?) (?:makes? me happy|brings? me joy|gives? me (?:joy|pleasure))", "I like {v}"),
    rule(rf"(?:my|one of my|among my) (?:\w+ )?(?:hobby|hobbies|passions?|pastimes?) (?:is|are|include|includes) {V}", "I like {v}"),
    rule(
        r"i am (?:(?:also|really|such|quite|now) )*an? (?:(?:big|huge|real|keen|great|passionate) )?(?P<v>[\w-]+(?: [\w-]+)?) (?:lover|"
        r"fan|enthusiast|addict|buff|nut|fanatic|aficionado)", "I like {v}",
    ),
    rule(
        rf"(?:there is )?(?:nothing i (?:like|love|enjoy) (?:more|better) than|(?:i )?(?:like|love|enjoy) nothing (?:more|better) than) "
        rf"{V}", "I like {v}",
    ),
)  # fmt: skip
TONGUES: tuple[Rule, ...] = (
    rule(
        rf"i (?:(?:can|could|am able to) )?(?:(?:understand|read|write|speak|talk)(?:,| and) )*(?:speak|talk|am speaking) (?:in )"
        rf"?(?:the )?{LANGUAGE}(?: language)?(?: (?:at home|with .+|fluently|well))?", "I speak {v}",
    ),
    rule(rf"i have (?:an? )?(?:good|decent|solid|basic|excellent|perfect)? ?(?:command|knowledge|grasp|mastery) of {LANGUAGE}",
         "I speak {v}"),
    rule(rf"we speak {LANGUAGE}(?: at home)?", "I speak {v}"),
    rule(rf"i (?:have )?(?:learned|learnt|picked up|mastered) {LANGUAGE}", "I speak {v}"),
    rule(
        rf"i (?:(?:can|could|am able to|do|also|know how to|(?:have )?learn(?:t|ed)(?: (?:how )?to)?|grew up|even|now|already|still) )"
        rf"*(?:speak(?:ing)?|talk|converse in|communicate in|get by in|express myself in|know|understand|manage(?: in)?|have|master|"
        rf"hold (?:a )?conversations? in|make myself understood in) (?:(?:some|fluent|good|decent|a bit of|a little) )?{LANGUAGE}(?: "
        rf"(?:fluently|well|too|as well|quite well|pretty well|very well|a bit))?", "I speak {v}",
    ),
    rule(
        rf"i am (?:(?:also|quite|pretty|very|now|totally|nearly) )*(?:fluent|proficient|conversant|good|bilingual|at home|comfortable|"
        rf"competent|conversational|confident) (?:in|with|at) (?:speaking )?{LANGUAGE}", "I speak {v}",
    ),
    rule(
        rf"(?:my|the) {LANGUAGE} is (?:(?:also|quite|pretty|very|now|really) )*(?:good|fluent|decent|ok|okay|fine|native|excellent|"
        rf"solid|not bad)", "I speak {v}",
    ),
    rule(
        rf"{LANGUAGE} is (?:also )?(?:(?:one of )?(?:my|the) (?:mother tongue|first language|native (?:language|tongue)|languages?)|a "
        rf"language i (?:know|speak)|no problem for me|something i speak|(?:one of )?the languages? (?:that )?i (?:speak|know))(?: (?:i "
        rf")?speak)?", "I speak {v}",
    ),
    rule(rf"i am (?:also )?(?:an? )?(?:native|fluent|good)? ?(?:speaker of {LANGUAGE})", "I speak {v}"),
    rule(rf"i am (?:also )?(?:an? )?(?:native|fluent|good)? ?(?P<v>{TONGUE})[ -]speaker", "I speak {v}"),
    rule(rf"(?:my|one of my|among my) languages? (?:is|are|include) {LANGUAGE}", "I speak {v}"),
    rule(rf"one of the languages (?:that )?i (?:speak|know) is {LANGUAGE}", "I speak {v}"),
)  # fmt: skip
