"""What people say of where they live, work, what they like, how they are called and reached, in the words that the templates read."""

from __future__ import annotations

import re

from memento_desktop.memory.curation.rewording import BE, IT, OWN, Rule, S, V, noted, rule
from memento_desktop.memory.curation.wording import singular

FIGURES = r"(?P<v>\S*\d\S*(?:\s\S*\d\S*)*)"
CODE = r"(?:(?:the|a|this)\s+)?(?:new\s+)?(?:code|pin|number|combination|password|passcode|combo|digits)\s+(?:is\s+)?"
Y = r"(?P<y>(?:my|our|the|[^\W\d_][\w-]*'s)\s+[\w' -]+?)"
OPEN = (
    r"(?:open(?:ing)?|unlock(?:ing)?|get(?:ting)?\s+in(?:to)?|enter(?:ing)?|access(?:ing)?|log(?:ging)?\s*(?:in|on)(?:\s?to)?|"
    r"sign(?:ing)?\s+in(?:\s?to)?|connect(?:ing)?(?:\s+to)?|get(?:ting)?\s+on(?:to)?|join(?:ing)?|disarm(?:ing)?)"
)
OPENS = r"(?:opens|unlocks|gets\s+\w+\s+(?:in|on)(?:to)?|works\s+(?:for|on|with|at)|is\s+for|goes\s+with|lets\s+\w+\s+(?:in|on)(?:to)?|will\s+open|disarms)"
TYPE = r"(?:use|enter|type(?:\s+in)?|dial|punch\s+in|key\s+in|press|put\s+in|put|set|input)"
YOU = r"(?:(?:you|i|we|one)\s+)?(?:(?:can|must|should|just|need\s+to|have\s+to|now|always)\s+)*"
AT = r"(?:in|on|at|under|behind|inside|beside|next\s+to|above|below|near|between|underneath|beneath|over)"
PLACE = rf"(?P<v>{AT}\s+.+)"
FIRST = rf"(?P<v>{AT}\s+.+?)"
TONGUE = (
    r"(?:afrikaans|albanian|amharic|arabic|armenian|basque|bengali|bosnian|bulgarian|cantonese|catalan|croatian|czech|danish|dutch|english|"
    r"estonian|esperanto|farsi|finnish|flemish|french|gaelic|galician|georgian|german|greek|gujarati|hebrew|hindi|hungarian|icelandic|"
    r"indonesian|irish|italian|japanese|kazakh|korean|kurdish|latin|latvian|lithuanian|luxembourgish|macedonian|malay|maltese|mandarin|"
    r"mongolian|nepali|norwegian|persian|polish|portuguese|punjabi|romanian|romansh|russian|serbian|slovak|slovene|slovenian|somali|spanish|"
    r"swahili|swedish|swiss\s+german|tagalog|tamil|telugu|thai|tibetan|turkish|ukrainian|urdu|uzbek|vietnamese|welsh|yiddish|zulu|chinese)"
)
LANGUAGE = rf"(?P<v>{TONGUE}(?:(?:,\s*|,?\s+and\s+){TONGUE})*)"
ANY = r"(?P<p>(?-i:[A-Z])[\w-]+|(?:my|our)\s+[\w-]+)"
PHONE = r"(?P<v>[+(]?\d[\d\s()/.-]{5,}\d)"
STREET = r"(?P<v>(?-i:[A-ZÀ-Þ])[\w.'-]+(?:\s+[\w.'-]+){0,3}\s+\d+\w?(?:,.*)?|\d+\w?\s+(?-i:[A-ZÀ-Þ]).*)"
I_AM = r"(?P<i>(?:i|we)\s+(?:am|are)(?:\s+no\s+longer|\s+not)?)\s+(?:(?:really|very|quite|also|now|such|still|just|so|totally|absolutely)\s+)*"


def _code(found: re.Match[str]) -> str:
    thing = found["y"]
    if noted(thing):
        return f"{thing} is {found['v']}"
    secret = re.search(r"wi-?fi|wlan|network|mail|account|laptop|computer|internet|router|\bpc\b", thing, re.IGNORECASE)
    return f"{thing} {'password' if secret else 'code'} is {found['v']}"


def _liked(found: re.Match[str]) -> str:
    how = "do not like" if "not" in found["i"] else "no longer like" if "no longer" in found["i"] else "like"
    return f"I {how} {found['v']}"


def _relative(found: re.Match[str]) -> str | None:
    """ "The firm I work for is Acme": the verb says which statement it is."""
    verb, noun, value = found["w"].lower(), found["n"].strip(), found["v"]
    if re.match(r"work|am\s+employed", verb):
        return f"I work as {value}" if noun in ("job", "profession") else f"I work at {value}"
    if re.match(r"live|reside|am\s+(?:living|based)|call\s+home", verb):
        return f"I live in {re.sub(r'^in ', '', value)}"
    if re.match(r"drive|am\s+driving", verb):
        return f"my car is {value}"
    if re.match(r"speak|know\s+well", verb):
        return f"I speak {value}"
    if re.match(r"go\s+by", verb):
        return f"call me {value}"
    if re.match(r"love|like|prefer|enjoy|favou?r|drink|adore", verb):
        return f"my favourite {noun} is {value}"
    return f"my {noun} is {value}" if noted(noun) or re.match(r"have|use|go\s+to|see|own|wear|take|trust", verb) else None


def _cleft(found: re.Match[str]) -> str | None:
    """ "Bern is where I live", "what I drive is a Volvo"."""
    verb, value = " ".join(found["w"].split()), found["v"]
    low = verb.lower()
    if found["q"].lower() == "where" and not re.search(r"\b(?:in|at|for|to)$", low):
        if re.match(r"(?:(?:in|at)\s)", value, re.IGNORECASE):
            return f"I {verb} {value}"
        return f"I {verb} {'at' if low.startswith(('work', 'am work', 'study')) else 'in'} {value}"
    return f"I {verb} {value}"


def _place(found: re.Match[str]) -> str | None:
    thing = found["s"] if found["s"].lower().startswith(("my ", "our ", "the ")) or "'s " in found["s"] else f"the {found['s']}"
    return f"{thing} {'are' if singular(thing.split()[-1]) != thing.split()[-1] else 'is'} {found['v']}"


def _preferred(found: re.Match[str]) -> str:
    noun = found["n"] if found["n"].endswith("s") else f"{found['n']}s"
    return f"I prefer {found['v']} {noun}"


THING = r"(?P<s>(?:(?:my|our|the|an?|[^\W\d_][\w-]*'s)\s+)?(?:[\w'-]+\s+){0,4}?[\w'-]+)"
OBJECTS = r"(?P<s>(?:my|our|the|an?)\s+(?!old\s)(?:[\w'-]+\s+){0,3}?[\w'-]+)"
CODES: tuple[Rule, ...] = (
    rule(rf"it\s+is\s+(?:{CODE})?{FIGURES}\s+(?:that|which)\s+(?:{OPENS}|opens|unlocks)\s+{Y}", _code),
    rule(rf"(?:you|i|we)\s+(?:will\s+|do\s+)?need\s+(?:{CODE})?{FIGURES}\s+(?:(?:to|for)\s+{OPEN}|for|on|at)\s+{Y}", _code),
    rule(rf"{YOU}{TYPE}\s+(?:{CODE})?{FIGURES}\s+(?:and|then|so)\s+{Y}\s+(?:opens|unlocks|will\s+open|is\s+open)", _code),
    rule(rf"{Y}\s+can\s+(?:only\s+)?be\s+(?:opened|unlocked|accessed|entered)\s+(?:with|by|using)\s+(?:{CODE})?{FIGURES}", _code),
    rule(rf"the\s+(?P<n>code|number|combination|password|pin|key)\s+(?:(?:that|which)\s+(?:now\s+)?(?:opens?|unlocks?|belongs\s+to|works\s+(?:for|on)|gets\s+\w+\s+into|is\s+for|i\s+(?:have|use)\s+for)|(?:(?:needed|used|i\s+use|i\s+need)\s+)?(?:to|for)\s+{OPEN}|from|on|to|at|under\s+which)\s+{Y}\s*(?:\s+is|:)\s+(?:now\s+)?{V}", "the {n} of {y} is {v}"),
    rule(rf"for\s+(?P<y>(?:my|our|[^\W\d_][\w-]*'s)\s+[\w' -]+?),?\s+(?:i|we)\s+(?:have|use|set|chose|picked|take|took)\s+(?:{CODE})?{FIGURES}", _code),
    rule(rf"(?:i|we)\s+(?:have\s+)?(?:have|use|set|chose|picked|take|took)\s+(?:{CODE})?{FIGURES}\s+(?:for|on)\s+{Y}", _code),
    rule(rf"{Y}\s+(?:now\s+)?(?:(?:can\s+be|is|gets|has\s+to\s+be|are)\s+)?(?:opens?|opened|unlocks?|unlocked|locked|accessed|secured|protected)\s+(?:with|by|using|on)\s+(?:{CODE})?{FIGURES}", _code),
    rule(rf"(?:{CODE})?{FIGURES}\s+(?:now\s+)?(?:(?:is\s+)?(?:what|the\s+one\s+that|how\s+you)\s+)?(?:{OPENS}|opens?|unlocks?)\s+{Y}(?:\s+now)?", _code),
    rule(rf"(?:in\s+order\s+)?(?:to|for)\s+{OPEN}\s+{Y}(?:\s*,\s*|\s+){YOU}{TYPE}\s+(?:{CODE})?{FIGURES}", _code),
    rule(rf"(?:in\s+order\s+)?(?:to|for)\s+{OPEN}\s+{Y}(?:\s*[,:]\s*|\s+)(?:(?:it|that)\s+is\s+|you\s+need\s+|i\s+need\s+)?(?:now\s+)?(?:{CODE})?{FIGURES}", _code),
    rule(rf"{YOU}{TYPE}\s+(?:{CODE})?{FIGURES}\s+(?:now\s+)?(?:(?:to|for)\s+{OPEN}|for|on|at|into)\s+{Y}", _code),
    rule(rf"{YOU}{OPEN}\s+{Y}\s+(?:now\s+)?(?:with|using|by\s+(?:typing|entering|dialling|dialing|using|pressing))\s+(?:{CODE})?{FIGURES}", _code),
    rule(rf"(?:the\s+)?(?:code|pin|combination|combo|password|key)\s+{FIGURES}\s+(?:is\s+for|for|opens|unlocks|belongs\s+to)\s+{Y}", _code),
    rule(rf"(?:{IT}\s+is\s+)?(?:now\s+)?{FIGURES}\s+(?:now\s+)?(?:for|on)\s+(?P<y>(?:my|our)\s+[\w' -]+?)(?:\s+now)?", _code),
    rule(rf"for\s+(?P<y>(?:my|our|[^\W\d_][\w-]*'s)\s+[\w' -]+?)(?:\s*[,:]\s*|\s+)(?:{IT}\s+is\s+|the\s+(?:new\s+)?(?:code|combination|pin)\s+is\s+|{YOU}{TYPE}\s+|you\s+need\s+|:\s*)(?:now\s+)?{FIGURES}", _code),
    rule(rf"{Y}\s+(?:now\s+)?(?:has|uses|takes|needs|wants|got|requires)\s+(?:(?:the|a|as)\s+)*(?:new\s+)?(?:code|pin|combination|combo)\s*:?\s+(?:is\s+)?{FIGURES}", _code),
)  # fmt: skip
REACHED: tuple[Rule, ...] = (
    rule(rf"{ANY}\s+(?:is|uses|has|goes\s+by)\s+(?:(?:on|under|at)\s+)?{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"if\s+(?:you|i|we|anyone)\s+(?:ever\s+)?(?:needs?|wants?|looks?\s+for|has\s+to\s+reach|wants?\s+to\s+(?:reach|call))\s+{ANY},?\s+(?:(?:just|then|please)\s+)?(?:call|dial|ring|try|use|text)\s+{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"{YOU}(?:get|have|find)\s+{ANY}\s+(?:on|under|at)\s+{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"(?:the\s+)?(?:new\s+)?(?:phone\s+|telephone\s+)?number\s+(?:to\s+(?:reach|call|phone|get)|for|of|where\s+you\s+(?:can\s+)?reach|under\s+which\s+you\s+(?:can\s+)?reach)\s+{ANY}\s*(?:is|:|=)\s*(?:now\s+)?{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"(?P<p>(?-i:[A-Z])[\w-]+)\s*[:=]\s*{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"(?:we|i)\s+(?:always\s+)?(?:celebrate|have|mark)\s+(?P<p>(?-i:[A-Z])[\w-]+|my\s+[\w-]+)'s\s+birthday\s+on\s+{V}", "{p}'s birthday is {v}"),
    rule(rf"it\s+is\s+(?P<p>(?-i:[A-Z])[\w-]+|my\s+[\w-]+)'s\s+birthday\s+on\s+{V}", "{p}'s birthday is {v}"),
    rule(rf"{ANY}\s+(?:came\s+into\s+the\s+world|was\s+born|first\s+saw\s+the\s+light)\s+on\s+{V}", "{p}'s birthday is {v}"),
    rule(rf"(?P<p>(?-i:[A-Z])[\w-]+|my\s+[\w-]+)'s\s+(?:mail|post|letters|parcels)\s+(?:goes|go|should\s+go|is\s+sent|are\s+sent)\s+to\s+{STREET}", "{p}'s address is {v}"),
    rule(rf"(?:to|if\s+you\s+(?:want\s+to\s+)?)\s*(?:visit|see|find|meet)\s+{ANY},?\s+(?:go|come|drive|walk|head)\s+to\s+{STREET}", "{p}'s address is {v}"),
    rule(rf"{ANY}\s+(?:gets|receives)\s+(?:his|her|their)\s+(?:mail|post|letters|parcels)\s+(?:at|in)\s+{STREET}", "{p}'s address is {v}"),
    rule(rf"{YOU}(?:(?:reach|call|phone|ring|text|contact|dial|get\s+(?:hold\s+of)?|message)(?:\s+up)?)\s+{ANY}\s+(?:(?:now|up|best)\s+)*(?:at|on|under|via|with|by\s+(?:phone|calling))\s*(?:at|on|under)?\s+(?:the\s+number\s+)?{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"{ANY}\s+(?:(?:now|best|always)\s+)*(?:can\s+(?:now\s+)?be|is)\s+(?:(?:now|best)\s+)*(?:reached|reachable|called|available)\s+(?:(?:now|by\s+phone)\s+)*(?:at|on|under|via)\s+(?:the\s+number\s+)?{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"{ANY}\s+(?:now\s+)?(?:answers|picks\s+up)\s+(?:(?:the\s+)?phone\s+)?(?:at|on|under)\s+{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"(?:dial|call|ring|text|use|try)\s+{PHONE}\s+(?:for|to\s+(?:reach|call|get|phone|text)(?:\s+hold\s+of)?)\s+{ANY}", "{p}'s phone number is {v}"),
    rule(rf"(?:for|to\s+(?:reach|call|phone|get|text|ring)(?:\s+hold\s+of)?)\s+{ANY}\s*,?\s*{YOU}(?:dial|call|ring|use|text|try)\s+{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"{PHONE}\s+is\s+(?:now\s+)?(?:how\s+you\s+(?:can\s+)?(?:reach|call|get)|(?:the\s+number\s+)?where\s+you\s+(?:can\s+)?(?:reach|call))\s+{ANY}", "{p}'s phone number is {v}"),
    rule(rf"(?P<p>[^\W\d_][\w-]*|my\s+[\w-]+)'s\s+(?:(?:new|current|latest)\s+)?(?:number|digits|contact|tel|telephone|line)\s*(?:is|:|=)?\s+(?:now\s+)?{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"{ANY}\s+(?:now\s+)?has\s+{PHONE}\s+as\s+(?:(?:his|her|their)\s+)?(?:new\s+)?(?:phone\s+)?number", "{p}'s phone number is {v}"),
    rule(rf"{ANY}\s+(?:(?:has|have|now|just)\s+)*(?:lives?|resides?|moved|is\s+living|is\s+staying|stays|is|settled)\s+(?:over\s+)?(?:at|to|in|on)\s+{STREET}", "{p}'s address is now {v}"),
    rule(rf"(?:{YOU})?(?:find|visit|see|send|write|mail|post|ship)\s+(?:(?:it|letters?|mail|post|things|parcels?|everything|cards?)\s+)?(?:(?:for|to)\s+)?{ANY}\s+(?:now\s+)?(?:at|to|under)\s+{STREET}", "{p}'s address is {v}"),
    rule(rf"(?P<p>[^\W\d_][\w-]*|my\s+[\w-]+)'s\s+(?:new\s+)?(?:place|home|house|flat|apartment)\s+is\s+(?:now\s+)?(?:at|on|in)?\s*{STREET}", "{p}'s address is {v}"),
    rule(rf"{STREET}\s+is\s+(?:now\s+)?where\s+{ANY}\s+(?:now\s+)?(?:lives|resides|moved(?:\s+to)?|stays)", "{p}'s address is {v}"),
    rule(rf"{ANY}\s+(?:has|celebrates|is\s+having|marks)\s+(?:(?:his|her|their|a)\s+)?birthday\s+(?:on\s+)?(?:the\s+)?{V}", "{p}'s birthday is {v}"),
    rule(rf"(?P<p>[^\W\d_][\w-]*|my\s+[\w-]+)'s\s+birthday\s+(?:falls|is\s+celebrated|comes|lands|takes\s+place)\s+(?:on\s+)?{V}", "{p}'s birthday is {v}"),
    rule(rf"{ANY}\s+(?:turns\s+(?:\d+|a\s+year\s+older)|gets\s+(?:a\s+year\s+)?older|celebrates)\s+(?:every\s+year\s+)?on\s+{V}", "{p}'s birthday is {v}"),
    rule(rf"(?P<v>\S+(?:\s\S+){{0,2}})\s+is\s+(?:when|the\s+day)\s+{ANY}\s+(?:was\s+born|has\s+(?:his|her|their)\s+birthday|celebrates)", "{p}'s birthday is {v}"),
)  # fmt: skip
ABODE: tuple[Rule, ...] = (
    rule(rf"(?:i|we)\s+(?:(?:have|just)\s+)*(?:packed\s+up|sold\s+[\w ]+?|left\s+.+?|moved\s+(?:out|house|home))\s+and\s+(?:(?:have|now)\s+)*(?:moved\s+to|live\s+in|relocated\s+to)\s+{V}", "I moved to {v}"),
    rule(r"(?:i|we)\s+(?:now\s+)?live\s+in\s+the\s+(?:city|town|village|municipality)\s+of\s+(?P<v>(?-i:[A-Z]).*)", "I live in {v}"),
    rule(r"i\s+am\s+(?:now\s+)?an?\s+(?P<v>(?-i:[A-Z])[\w-]+)\s+(?:resident|dweller|inhabitant)", "I live in {v}"),
    rule(rf"after\s+(?:(?!i\b)[\w'-]+\s+){{0,3}}?(?:(?!i\b)[\w'-]+),?\s+(?:i|we)\s+(?:moved|relocated|went)\s+to\s+{V}", "I moved to {v}"),
    rule(rf"(?:i|we)\s+(?:have\s+)?moved\s+(?:in|over\s+to|back\s+to|on\s+to)\s+(?P<v>(?-i:[A-Z]).*)", "I moved to {v}"),
    rule(r"home\s+(?:for\s+(?:me|us)\s+)?is\s+(?:now\s+)?(?:in\s+)?(?P<v>[^,;]+?)(?:\s+(?:for\s+(?:me|us)))?(?:\s+now)?", "I live in {v} now"),
    rule(r"(?P<v>(?-i:[A-Z])\S*(?:\s\S+)?)\s+(?:is|has\s+become|became|has\s+been)\s+(?:now\s+)?(?:(?:my|our)\s+)?(?:new\s+)?(?:home(?:\s*(?:town|base|city))?|place\s+of\s+residence)(?:\s+now)?(?:\s+for\s+me)?", "I live in {v} now"),
    rule(r"(?:i|we)\s+(?:now\s+)?call\s+(?P<v>.+?)\s+(?:(?:my|our)\s+)?home(?:\s+now)?", "I live in {v} now"),
    rule(r"(?:i|we)\s+(?:have\s+)?made\s+(?P<v>.+?)\s+(?:(?:my|our)\s+)?(?:new\s+)?home", "I moved to {v}"),
    rule(rf"(?:my|our)\s+(?:new\s+)?(?:place|home(?:\s*(?:town|base|city))?|place\s+of\s+residence|residence|city|town)\s+is\s+(?:now\s+)?(?:in\s+)?{V}", "I live in {v} now"),
    rule(rf"(?:i|we)\s+(?:(?:have|just|finally)\s+)*(?:settled(?:\s+down)?\s+in|set\s+up\s+home\s+in|made\s+the\s+move\s+to|put\s+down\s+roots\s+in|ended\s+up\s+living\s+in|went\s+to\s+live\s+in|moved\s+(?:house|flat|home|over|down|up|back|out)\s+to)\s+{V}", "I moved to {v}"),
    rule(rf"(?:i|we)\s+(?:am|are)\s+(?:now\s+)?(?:a\s+)?residents?\s+of\s+{V}", "I live in {v}"),
    rule(rf"(?:i|we)\s+(?:am|are)\s+(?:now\s+)?(?:living|based|located|residing)\s+(?:over\s+|out\s+of\s+|down\s+|up\s+)?(?:in\s+)?(?P<v>(?-i:[A-Z]).*)", "I live in {v}"),
    rule(rf"(?:i|we)\s+(?:have\s+)?(?:left|swapped|traded|exchanged|gave\s+up)\s+(?P<a>(?-i:[A-Z])\S+)\s+(?:and\s+)?(?:now\s+live\s+in|and\s+live\s+in|moved\s+to|to\s+(?:live|settle)\s+in)\s+{V}", "I moved to {v}"),
    rule(rf"(?:i|we)\s+(?:have\s+been\s+)?(?:reside|dwell|residing|stay|live\s+(?:over|down|up|out))\s+in\s+(?P<v>(?-i:[A-Z]).*)", "I live in {v}"),
    rule(rf"(?:you\s+(?:can|will)\s+)find\s+me\s+(?:living\s+)?in\s+(?P<v>(?-i:[A-Z]).*)", "I live in {v}"),
)  # fmt: skip
WORK: tuple[Rule, ...] = (
    rule(rf"i\s+am\s+(?:now\s+)?an?\s+employee\s+(?:of|at|with)\s+{V}", "I work at {v}"),
    rule(rf"i\s+(?:now\s+)?(?:do|have)\s+(?:my|the|a)\s+work\s+(?:at|for|with)\s+(?P<v>(?-i:[A-Z]).*)", "I work at {v}"),
    rule(rf"my\s+(?:new\s+)?job(?:\s+is|'s)\s+(?:at|with|for)\s+{V}", "I work at {v} now"),
    rule(rf"i\s+(?:have\s+)?(?:left|quit)\s+(?P<a>.+?)\s+for\s+(?:an?\s+)?(?:new\s+)?(?:job|position|role|post)\s+(?:at|with)\s+{V}", "I joined {v}"),
    rule(rf"i\s+(?:have\s+)?(?:accepted|took|got|received)\s+an?\s+(?:job\s+)?offer\s+(?:from|by|at)\s+{V}", "I joined {v}"),
    rule(r"i\s+am\s+(?:now\s+)?on\s+the\s+(?P<v>(?-i:[A-Z])[\w&. -]*?)\s+(?:payroll|team|staff)", "I work at {v}"),
    rule(r"(?P<v>.+?)\s+(?:gave|offered)\s+me\s+(?:an?|the)\s+(?:new\s+)?(?:job|position|role)", "I joined {v}"),
    rule(rf"i\s+(?:have\s+)?moved\s+(?:jobs?|employers?|companies)\s+to\s+{V}", "I joined {v}"),
    rule(r"(?P<v>.+?)\s+(?:(?:has|have)\s+)?(?:employs|hired|employed|recruited|took\s+on|pays)\s+(?:me|my\s+(?:salary|wages))(?:\s+now)?", "I joined {v}"),
    rule(rf"(?:i|we)\s+(?:(?:am|was|have\s+been|got)\s+)(?:now\s+|just\s+)?(?:employed|hired|recruited|taken\s+on|engaged)\s+(?:by|at|with)\s+{V}", "I joined {v}"),
    rule(rf"(?:my|our)\s+(?:new\s+)?(?:employer|company|firm|workplace|place\s+of\s+work|work\s?place)\s+is\s+(?:now\s+)?(?:called\s+|at\s+)?{V}", "I work at {v} now"),
    rule(r"(?P<v>.+?)\s+is\s+(?:now\s+)?(?:my|our)\s+(?:new\s+|current\s+)?(?:employer|company|firm|workplace|place\s+of\s+work)(?:\s+now)?", "I work at {v} now"),
    rule(rf"(?:my|the)\s+(?:new\s+)?(?:job|work|position|role)\s+(?:is|I\s+have\s+is)\s+(?:now\s+)?(?:at|with|for)\s+{V}", "I work at {v} now"),
    rule(rf"i\s+(?:now\s+)?(?:(?:earn|make)\s+my\s+(?:living|money|keep|bread)|have\s+(?:my|a|the)\s+(?:job|position|role)|am\s+on\s+the\s+(?:team|payroll|staff)|am\s+(?:part|a\s+member)\s+of\s+the\s+team|am\s+an?\s+employee|do\s+my\s+job|have\s+work)\s+(?:now\s+)?(?:at|with|of|for)\s+{V}", "I work at {v}"),
    rule(rf"i\s+(?:(?:have|just|recently)\s+)*(?:signed\s+(?:on|up|a\s+contract)?\s*(?:with|at)|gone\s+to\s+work\s+(?:for|at)|went\s+to\s+work\s+(?:for|at)|began\s+(?:working\s+)?(?:at|with|for)|switched\s+(?:over\s+)?(?:jobs?|employers?|companies|company)\s*(?:and\s+(?:now\s+)?(?:work|am\s+working)\s+(?:at|for)|to)|changed\s+(?:my\s+)?(?:jobs?|employers?|company)\s*(?:and\s+(?:now\s+)?(?:work|am\s+working|am)\s+(?:at|for|with)|to)|got\s+hired\s+(?:by|at)|took\s+(?:up\s+)?(?:a|the)\s+(?:new\s+)?(?:job|position|role|post)\s+(?:at|with)|started\s+(?:a|my)\s+(?:new\s+)?(?:job|position|role)\s+(?:at|with|for)|started\s+(?:out\s+)?(?:over\s+)?(?:at|with))\s+{V}", "I joined {v}"),
    rule(rf"i\s+(?:now\s+|currently\s+)?(?:work|am\s+working)\s+(?:now\s+)?(?:by|with|over\s+at|in\s+the\s+company|on)\s+(?P<v>(?-i:[A-Z]).*)", "I work at {v}"),
    rule(rf"i\s+(?:have\s+)?left\s+(?P<a>.+?)\s+(?:and\s+)?(?:now\s+work\s+(?:at|for)|to\s+(?:work\s+(?:at|for)|join)|joined|started\s+(?:working\s+)?at)\s+{V}", "I joined {v}"),
)  # fmt: skip
CALLED: tuple[Rule, ...] = (
    rule(rf"(?:everyone|everybody|people|they|friends|my\s+friends)\s+knows?\s+me\s+(?:as|by\s+the\s+name(?:\s+of)?)\s+{V}", "call me {v}"),
    rule(rf"(?:you\s+(?:can|may|should|could)\s+)(?:address|refer\s+to|greet)\s+me\s+(?:as|with|by)\s+{V}", "call me {v}"),
    rule(rf"(?:please\s+)?call\s+me\s+(?:by\s+(?:the|my)\s+(?:nick)?name(?:\s+of)?|simply|only|instead)\s+{V}", "call me {v}"),
    rule(rf"the\s+name\s+(?:(?:people|everyone|friends|my\s+friends|others|you\s+should)\s+(?:call|use\s+for|know)\s+me(?:\s+by)?)\s+is\s+{V}", "call me {v}"),
    rule(rf"i\s+would\s+(?:like|prefer|love)(?:\s+it)?\s+(?:(?:that|if)\s+)?you\s+(?:to\s+)?(?:call|called)\s+me\s+{V}", "call me {v}"),
    rule(rf"(?:(?:everyone|everybody|people|folks|they|(?:my\s+|our\s+)?(?:\w+\s+)?(?:friends|family|colleagues|mates|buddies)|most(?:\s+people)?|we\s+all|you)\s+)(?:(?:all|usually|just|always|mostly|tend\s+to|can|may|should|will|might|could|now)\s+)*(?:calls?|know)\s+me\s+(?:as\s+|by\s+(?:the\s+name\s+)?)?{V}", "call me {v}"),
    rule(rf"i\s+am\s+(?:(?:better|also|usually|generally|now|best|commonly)\s+)*(?:known|called|addressed|referred\s+to)\s+(?:(?:to|by)\s+(?:my\s+)?(?:friends|everyone|everybody|people|most)\s+)?(?:as\s+)?(?P<v>(?-i:[A-Z]).*)", "call me {v}"),
    rule(rf"(?:please\s+)?(?:just\s+)?(?:address|refer\s+to|greet)\s+me\s+(?:as|with|by)\s+(?:the\s+name\s+)?{V}", "call me {v}"),
    rule(rf"(?:please\s+)?(?:just\s+)?(?:use|say|write)\s+(?:the\s+name\s+)?(?P<v>(?-i:[A-Z])\S*)\s+(?:for\s+me|as\s+my\s+name|when\s+(?:you\s+)?(?:address|addressing|talk|speak|greet)\w*.*|to\s+address\s+me)", "call me {v}"),
    rule(rf"i\s+(?:(?:now|really)\s+)?(?:(?:would|do)\s+)?(?:(?:really|now|much)\s+)?(?:want|like|prefer|love|wish|rather)\s+(?:(?:it\s+if\s+)?you\s+to\s+(?:call|address)\s+me(?:\s+as)?|(?:to\s+)?(?:be|being)\s+(?:called|addressed\s+as|known\s+as)|(?:to\s+)?(?:go|going)\s+by)\s+(?:the\s+name\s+)?{V}", "call me {v}"),
    rule(rf"i\s+(?:now\s+)?(?:answer|listen|respond)\s+(?:only\s+)?to\s+(?:the\s+name\s+)?(?:of\s+)?(?P<v>(?-i:[A-Z])\S*)", "call me {v}"),
    rule(rf"(?:i\s+)?(?:now\s+)?(?:go|am\s+going|going)\s+(?:now\s+)?(?:by|under)\s+(?:the\s+name\s+)?(?:of\s+)?(?:just\s+)?(?P<v>(?-i:[A-Z])\S*)", "I go by {v}"),
    rule(rf"(?:please\s+)?(?:feel\s+free\s+to|do|just|you\s+(?:may|should|could|might|had\s+better)|from\s+now\s+on)\s+(?:please\s+)?(?:just\s+)?call\s+me\s+(?:by\s+(?:the\s+name\s+)?)?{V}", "call me {v}"),
    rule(r"(?P<v>(?-i:[A-Z])\S*)\s+is\s+(?:now\s+)?(?:what|how|the\s+name)\s+(?:that\s+)?(?:(?:everyone|everybody|people|you|my\s+friends|friends|most\s+people|they|we)\s+)(?:(?:can|may|should|will|all)\s+)*(?:calls?|know)\s+me(?:\s+by)?", "call me {v}"),
    rule(r"(?P<v>(?-i:[A-Z])\S*)\s+is\s+(?:now\s+)?(?:what|the\s+name)\s+(?:that\s+)?i\s+(?:now\s+)?(?:go\s+by|answer\s+to|want\s+to\s+be\s+called|prefer(?:\s+to\s+be\s+called)?)", "call me {v}"),
)  # fmt: skip
PUT: tuple[Rule, ...] = (
    rule(rf"(?:i|we)\s+have\s+(?:got\s+)?(?P<s>(?:my|our|the)\s+(?:[\w'-]+\s+){{0,2}}?(?:keys?|charger|passport|umbrella|wallet|tools?|documents?|torch|ladder|tickets?|glasses))\s+{PLACE}", _place),
    rule(r"(?P<s>(?:my|our|the)\s+(?:[\w'-]+\s+){0,2}?(?:keys?|charger|passport|umbrella|wallet|tools?|documents?|torch|ladder|tickets?|glasses))\s+(?:(?:have|has|were|was)\s+)*(?:moved|gone|went|been\s+moved|been\s+put)\s+(?:in)?to\s+(?P<w>the\s+.+|my\s+.+|our\s+.+)", lambda m: f"{m['s']} are now in {m['w']}"),
    rule(rf"if\s+(?:you|anyone|i|we)\s+(?:ever\s+)?needs?\s+(?P<s>(?:my|our|the)\s+[\w' -]+?),?\s+(?:they|it)\s+(?:are|is)\s+{PLACE}", _place),
    rule(rf"(?:(?:you|one|we|i)\s+)?(?:(?:can|will|may|should|always|now|usually)\s+)*(?:find|look\s+for|get|see)\s+{OBJECTS}\s+(?:now\s+)?{PLACE}", _place),
    rule(rf"(?:i|we)\s+(?:(?:have|always|now|usually|just)\s+)*(?:keep|kept|put|left|store|stored|hide|hid|hidden|stash|stashed|moved|placed|hung|hang|leave|park|parked|lay|laid|dropped)\s+{OBJECTS}\s+(?:now\s+)?(?:over\s+|from\s+.+?\s+)?(?:to\s+)?{PLACE}", _place),
    rule(r"(?:i|we)\s+(?:(?:have|just|now)\s+)*(?:moved|put|transferred)\s+(?P<s>(?:my|our|the)\s+(?:[\w'-]+\s+){0,2}?(?:keys?|charger|passport|umbrella|wallet|tools?|documents?|torch|ladder|tickets?|glasses|remote|papers|medicine|bags?|box|boxes|suitcases?|bicycle|bike|car|van))\s+(?:from\s+.+?\s+)?(?:in)?to\s+(?P<w>the\s+.+|my\s+.+|our\s+.+)",
         lambda m: f"{m['s']} {'are' if singular(m['s']) != m['s'] else 'is'} now in {m['w']}"),
    rule(rf"(?P<s>(?:(?:my|our|the|an?)\s+)?(?:[\w'-]+\s+){{0,3}}?(?:keys?|charger|passport|umbrella|wallet|tools?|documents?|torch|ladder|tickets?|glasses|remote|papers|medicine|bags?|box|boxes|suitcases?|bicycle|bike|car|van))\s+(?:(?:always|now|usually|have|has|are|is|were|was|been|can)\s+)*(?:hang|hangs|hanging|lie|lies|lying|sit|sits|sitting|live|lives|rest|rests|stay|stays|go|goes|belong|belongs|be\s+found|(?:to\s+)?be\s+found|moved\s+to|moved|put|placed|kept|hidden|stored|stashed|left)\s+(?:now\s+)?{PLACE}", _place),
    rule(rf"(?:look\s+)?{FIRST}\s+(?:is|are)\s+(?:now\s+)?where\s+(?:(?:i|we|you)\s+(?:(?:can|will|now|always|have)\s+)*(?:keep|kept|put|find|hide|hid|left|store|leave)\s+)?{THING}(?:\s+(?:is|are|hang|lie|live|sit))?", _place),
    rule(rf"(?:look|check)\s+{FIRST}\s+(?:for|to\s+find)\s+(?P<s>(?:my|our|the|an?)\s+.+)", _place),
    rule(rf"{FIRST}\s+(?:(?:you\s+(?:will|can)\s+find)|is|are|hangs?|lies?|lie|sits?|there\s+(?:is|are))\s+(?P<s>(?:my|our|the)\s+.+)", _place),
    rule(rf"(?:the\s+)?(?:new\s+)?(?:place|spot|hiding\s+place|home)\s+(?:for|of|where\s+(?:i|we)\s+(?:keep|hide|put))\s+(?P<s>(?:my|our|the)\s+[\w' -]+?)\s+is\s+(?:now\s+)?{PLACE}", _place),
    rule(rf"(?P<s>(?:(?:my|our|the)\s+)?(?:[\w'-]+\s+){{0,3}}(?:keys?|charger|passport|umbrella|wallet|tools?|documents?|torch|ladder|tickets?|glasses))\s*(?:[:=,–—]|->|→|\s-\s|\s)\s*(?:now\s+)?{PLACE}", _place),
)  # fmt: skip
CHOSEN: tuple[Rule, ...] = (
    rule(r"i\s+(?:(?:now|really|would)\s+)*(?:favou?r|choose|like|prefer)\s+(?:to\s+(?:sit|be)\s+(?:in|on|at)\s+)?(?:an?\s+|the\s+)?(?P<v>[\w-]+)\s+(?P<n>seats?|rooms?|tables?|sides?|beds?)", _preferred),
    rule(r"(?:given\s+(?:a|the)\s+choice,?\s+)?i\s+(?:would\s+)?(?:always\s+|usually\s+)?(?:take|choose|go\s+for|pick|book)\s+(?:an?\s+|the\s+)?(?P<v>[\w-]+)\s+(?P<n>seats?|rooms?|tables?|sides?|beds?)", _preferred),
    rule(r"(?:please\s+)?(?:always\s+)?(?:book|give|get|reserve)\s+(?:me|us)\s+(?:an?\s+|the\s+)?(?P<v>[\w-]+)\s+(?P<n>seats?|rooms?|tables?|sides?|beds?)", _preferred),
    rule(r"i\s+(?:(?:really|now|always|do|would|usually|generally|normally|much)\s+)*(?:like|love|prefer|favou?r|enjoy)\s+(?:to\s+(?:sit|be)\s+(?:in|on)\s+)?(?:an?\s+|the\s+)?(?P<v>[\w-]+)\s+(?P<n>[\w-]+)\s+(?:best(?:\s+of\s+all)?|better|the\s+most|most|more)", _preferred),
    rule(r"i\s+(?:(?:would|much|now)\s+)*(?:rather|sooner)\s+(?:have|take|get|sit\s+in|sit\s+on)\s+(?:an?\s+|the\s+)?(?P<v>[\w-]+)\s+(?P<n>[\w-]+)", _preferred),
    rule(r"(?:i\s+)?(?:(?:now|always|usually|normally|generally|only|would|will)\s+)+(?:take|choose|book|pick|get|go\s+for|opt\s+for|want|need|prefer|like|reserve|sit\s+in|ask\s+for|reach\s+for)\s+(?:an?\s+|the\s+)?(?P<v>[\w-]+)\s+(?P<n>[\w-]+)", _preferred),
    rule(r"i\s+am\s+(?:(?:now|more|very\s+much|definitely|rather)\s+)*(?:of\s+)?an?\s+(?P<v>[\w-]+)\s+(?P<n>seat|room|train|table|bed|side)\s+(?:person|type|kind\s+of\s+person|guy|girl|man|woman|lover|fan)", _preferred),
    rule(r"my\s+(?:new\s+|general\s+)?preference\s+is\s+(?:now\s+)?(?:for\s+)?(?:an?\s+|the\s+)?(?P<v>[\w-]+)\s+(?P<n>[\w-]+)", _preferred),
    rule(r"(?P<v>[\w-]+)\s+(?P<n>[\w-]+)\s+(?:is|are)\s+(?:now\s+)?(?:what\s+i\s+(?:now\s+)?(?:prefer|like\s+(?:best|most)|want|take|choose)|my\s+(?:preference|choice)|the\s+ones?\s+i\s+(?:prefer|like|want))", _preferred),
)  # fmt: skip
REACTS: tuple[Rule, ...] = (
    rule(rf"i\s+(?:am\s+having|suffer\s+from|am\s+suffering\s+from|have|got)\s+(?:an?\s+)?(?:\w+\s+)?allerg(?:y|ies)\s+(?:to|against|on|of|for|with)\s+{V}", "I am allergic to {v}"),
    rule(r"i\s+(?:can\s+not|must\s+not|should\s+not|do\s+not|may\s+not|never)\s+(?:eat|have|touch|take|drink)\s+(?P<v>[\w -]+?),?\s+(?:because|as|since|for)\s+i\s+am\s+(?:\w+\s+)?allergic(?:\s+to\s+(?:it|them))?", "I am allergic to {v}"),
    rule(r"(?:do\s+not|never)\s+(?:give|offer|serve)\s+me\s+(?P<v>[\w -]+?),\s+(?:because\s+)?i\s+am\s+(?:\w+\s+)?allergic(?:\s+to\s+(?:it|them))?", "I am allergic to {v}"),
    rule(rf"i\s+am\s+allergic,\s+to\s+{V}", "I am allergic to {v}"),
    rule(r"(?P<v>.+?)\s+(?:makes?|let)\s+me\s+(?:break\s+out(?:\s+in\s+(?:hives|a\s+rash|rashes))?|get\s+(?:hives|a\s+rash))", "I am allergic to {v}"),
    rule(rf"my\s+(?:body|skin|immune\s+system)\s+reacts\s+(?:(?:badly|strongly|allergically)\s+)?(?:to|on)\s+{V}", "I am allergic to {v}"),
    rule(r"(?P<v>.+?)\s+(?:gives?|causes?|brings?)\s+me\s+(?:hives|(?:an?\s+)?(?:bad\s+|nasty\s+|terrible\s+)?(?:rash|rashes|allergic\s+reaction|allergic\s+shock|allergies))", "I am allergic to {v}"),
    rule(r"(?P<v>.+?)\s+(?:triggers?|sets?\s+off|sets?|causes?)\s+(?:off\s+)?my\s+(?:allergy|allergies)(?:\s+off)?", "I am allergic to {v}"),
    rule(rf"i\s+(?:do\s+)?react\s+(?:(?:badly|very|strongly|allergically|allergic|terribly)\s+)*(?:to|on)\s+{V}", "I am allergic to {v}"),
    rule(rf"i\s+(?:get|have|suffer)\s+(?:an?\s+|from\s+an?\s+)?(?:bad\s+|strong\s+|severe\s+)?(?:allergic\s+reactions?|hives|rashes|a\s+rash|rash)\s+(?:to|from|on|of|against|after|when\s+i\s+(?:eat|touch|have))\s+{V}", "I am allergic to {v}"),
    rule(rf"i\s+(?:have|suffer\s+from|got|developed)\s+(?:an?\s+|the\s+)?(?:bad\s+|strong\s+|severe\s+|mild\s+)?allerg(?:y|ies)\s+(?:to|against|on|of|for|with|from)\s+{V}", "I am allergic to {v}"),
    rule(rf"(?P<i>i\s+(?:am|have\s+become|became|got|turned\s+out\s+to\s+be)(?:\s+no\s+longer|\s+not)?)\s+(?:(?:also|badly|really|very|severely|now|deathly|highly|quite|seriously|a\s+bit|slightly|mildly)\s+)*allergic\s+(?:to|against|on|of|for|with|from|about)\s+{V}",
         lambda m: f"I am {'not ' if 'not' in m['i'] else 'no longer ' if 'no longer' in m['i'] else ''}allergic to {m['v']}"),
    rule(rf"(?:my|one\s+of\s+my)\s+allerg(?:y|ies)\s*(?:is|are|include|includes|:)\s+(?:to\s+|against\s+)?{V}", "I am allergic to {v}"),
    rule(r"(?P<v>.+?)\s+(?:is|are)\s+(?:also\s+)?(?:one\s+of\s+my\s+allergies|among\s+my\s+allergies|(?:something|what|one\s+(?:thing|of\s+the\s+things))\s+(?:that\s+)?i\s+am\s+allergic\s+to)", "I am allergic to {v}"),
    rule(r"(?:i\s+(?:have|suffer\s+from)\s+|got\s+)?(?:an?\s+|the\s+|my\s+)?(?:bad\s+|severe\s+)?(?P<v>[\w-]+(?:\s[\w-]+)?)\s+allergy(?:\s+here)?", "I am allergic to {v}"),
    rule(rf"allerg(?:y|ies)\s*:\s*{V}", "I am allergic to {v}"),
)  # fmt: skip
FOND = r"(?:(?:an?\s+)?(?:big|huge|great|real|keen|massive|true|enormous)?\s*(?:fans?|lovers?|admirers?)\s+of|passionate\s+about|(?:mad|nuts|wild|crazy|enthusiastic)\s+about|hooked\s+on|addicted\s+to|partial\s+to|big\s+on|obsessed\s+with|in\s+love\s+with|a\s+sucker\s+for|(?:big\s+)?into|keen\s+on|fond\s+of)"
LIKED: tuple[Rule, ...] = (
    rule(r"i\s+find\s+(?P<v>.+?)\s+(?:(?:really|very|absolutely|quite|so|just)\s+)*(?:great|wonderful|fantastic|lovely|amazing|awesome|delightful|relaxing|enjoyable|fun)", "I like {v}"),
    rule(rf"i\s+take\s+(?:great|much|a\s+lot\s+of|real)\s+(?:pleasure|delight|joy)\s+in\s+{V}", "I like {v}"),
    rule(rf"(?:something|one\s+thing|a\s+thing|one\s+of\s+the\s+things|what)\s+(?:that\s+)?i\s+(?:really\s+|truly\s+|also\s+)?(?:like|love|enjoy|adore)\s+is\s+{V}", "I like {v}"),
    rule(rf"i\s+(?:have\s+)?(?:grown|become|became|got|gotten|grew)\s+(?:very\s+|quite\s+)?(?:fond\s+of|into|keen\s+on|hooked\s+on|attached\s+to)\s+{V}", "I like {v}"),
    rule(rf"i\s+(?:have\s+)?(?:discovered|found|developed)\s+(?:my|a)\s+(?:love|passion|taste|liking)\s+(?:for|of)\s+{V}", "I like {v}"),
    rule(rf"i\s+(?:really\s+|recently\s+)?got\s+(?:really\s+)?into\s+{V}", "I like {v}"),
    rule(rf"{I_AM}{FOND}\s+{V}", _liked),
    rule(rf"i\s+(?:(?:really|do|also|now|still)\s+)*have\s+(?:always\s+had\s+)?(?:an?\s+)?(?:(?:big|real|huge|great|little|special|certain)\s+)?(?:soft\s+spot|weakness|passion|thing|love|liking|fondness|taste)\s+for\s+{V}", "I like {v}"),
    rule(rf"i\s+(?:(?:really|do|also|just|quite|simply|absolutely|truly|genuinely|totally|always|have\s+always)\s+)*(?:like[ds]?|love[ds]?|enjoy(?:ed)?|adored?|dig|appreciate|fancy|relish|cherish|take\s+pleasure\s+in|take\s+delight\s+in|get\s+(?:a\s+kick|a\s+lot|great\s+pleasure|much\s+joy)\s+(?:out\s+of|from)|can\s+not\s+get\s+enough\s+of|find\s+(?:joy|pleasure)\s+in)\s+(?!to\b|it\b|you\b|that\b){V}", "I like {v}"),
    rule(r"(?P<v>.+?)\s+(?:is|are)\s+(?:(?:also|really|still|definitely|just|totally|now)\s+)*(?:(?:one\s+of\s+my|my|a)\s+(?:(?:big|great|main|biggest|favou?rite|new)\s+)?(?:hobby|hobbies|passions?|pastimes?|loves)(?:\s+of\s+mine)?|my\s+thing|right\s+up\s+my\s+(?:street|alley))", "I like {v}"),
    rule(r"(?P<v>.+?)\s+(?:makes?\s+me\s+happy|brings?\s+me\s+joy|gives?\s+me\s+(?:joy|pleasure))", "I like {v}"),
    rule(rf"(?:my|one\s+of\s+my|among\s+my)\s+(?:\w+\s+)?(?:hobby|hobbies|passions?|pastimes?)\s+(?:is|are|include|includes)\s+{V}", "I like {v}"),
    rule(r"i\s+am\s+(?:(?:also|really|such|quite|now)\s+)*an?\s+(?:(?:big|huge|real|keen|great|passionate)\s+)?(?P<v>[\w-]+(?:\s[\w-]+)?)\s+(?:lover|fan|enthusiast|addict|buff|nut|fanatic|aficionado)", "I like {v}"),
    rule(rf"(?:there\s+is\s+)?(?:nothing\s+i\s+(?:like|love|enjoy)\s+(?:more|better)\s+than|(?:i\s+)?(?:like|love|enjoy)\s+nothing\s+(?:more|better)\s+than)\s+{V}", "I like {v}"),
)  # fmt: skip
BEST: tuple[Rule, ...] = (
    rule(r"(?P<v>.+?)\s+is\s+(?:also\s+)?(?:an?\s+)?(?:\w+\s+)?(?:passion|hobby|pastime)\s+of\s+mine", "I like {v}"),
    rule(r"i\s+(?:like|love|enjoy|prefer)\s+(?P<v>.+?)\s+(?:more|better)\s+than\s+(?:any|all|every)\s+(?:the\s+)?other\s+(?P<n>[\w-]+?)s?", "my favourite {n} is {v}"),
    rule(r"i\s+(?:prefer|like|love)\s+(?P<v>.+?)\s+(?:over|to|above)\s+(?:any|all|every)\s+(?:the\s+)?(?:other\s+)?(?P<n>[\w-]+?)s?", "my favourite {n} is {v}"),
    rule(r"(?:among|of|from)\s+(?:all\s+)?(?:the\s+)?(?P<n>[\w-]+?)s?,?\s+(?P<v>.+?)\s+is\s+(?:my\s+favou?rite|the\s+best|the\s+one\s+i\s+(?:like|love|prefer)(?:\s+(?:best|most))?)", "my favourite {n} is {v}"),
    rule(r"(?P<v>.+?)\s+is\s+my\s+favou?rite\s+(?:among|of|from)\s+(?:all\s+)?(?:the\s+)?(?P<n>[\w-]+?)s?", "my favourite {n} is {v}"),
    rule(r"(?P<v>[\w-]+(?:\s[\w-]+)?)\s+(?P<n>[a-z-]+?)s?\s+(?:is|are)\s+my\s+favou?rites?", "my favourite {n} is {v}"),
    rule(r"(?:for|as)\s+(?:an?\s+)?(?P<n>[\w-]+?)s?,?\s+(?:i|we)\s+(?:(?:always|usually|mostly|only)\s+)*(?:go\s+(?:with|for)|choose|pick|take|prefer)\s+(?P<v>(?!an?\s+).+)", "my favourite {n} is {v}"),
    rule(r"if\s+i\s+(?:drink|eat|watch|read|have\s+to\s+(?:choose|pick)|had\s+to\s+(?:choose|pick))\s+(?:an?\s+)?(?P<n>[\w-]+?)s?,?\s+(?:(?:then\s+)?it\s+is|i\s+(?:take|choose|pick|go\s+for))\s+(?P<v>.+)", "my favourite {n} is {v}"),
    rule(r"(?P<v>.+?)\s+(?:beats|tops)\s+(?:every|any|all)\s+(?:the\s+)?other\s+(?P<n>[\w-]+?)s?", "my favourite {n} is {v}"),
    rule(r"(?P<v>.+?)\s+is\s+(?:simply\s+|just\s+)?the\s+best\s+(?P<n>[\w-]+)\s+(?:there\s+is|i\s+know|in\s+the\s+world|of\s+all|ever)", "my favourite {n} is {v}"),
    rule(r"there\s+is\s+no\s+(?:better|nicer|finer)\s+(?P<n>[\w-]+)\s+than\s+(?P<v>.+)", "my favourite {n} is {v}"),
    rule(r"nothing\s+(?:beats|tops)\s+(?P<v>.+?)\s+(?:when\s+it\s+comes\s+to|as\s+(?:far\s+as\s+)?|in\s+(?:the\s+way\s+of|terms\s+of)|among)\s+(?P<n>[\w-]+?)s?", "my favourite {n} is {v}"),
    rule(r"(?:nothing|no\s+(?P<n>[\w-]+))\s+(?:beats|tops|is\s+better\s+than|comes\s+close\s+to)\s+(?P<v>.+)", lambda m: f"my favourite {m['n']} is {m['v']}" if m["n"] else f"I like {m['v']}"),
    rule(r"of\s+all\s+(?:the\s+)?(?P<n>[\w-]+?)s?,?\s+i\s+(?:like|love|prefer|enjoy)\s+(?P<v>.+?)(?:\s+(?:the\s+)?(?:best|most))?", "my favourite {n} is {v}"),
    rule(r"when\s+it\s+comes\s+to\s+(?P<n>[\w-]+?)s?,?\s+(?:i\s+(?:(?:now|always|usually)\s+)*(?:like|love|prefer|go\s+for|choose|pick|take|want)\s+|(?:it\s+is|nothing\s+beats|give\s+me)\s+)(?P<v>.+?)(?:\s+(?:the\s+)?(?:best|most))?", "my favourite {n} is {v}"),
    rule(r"(?P<v>.+?)\s+(?:is|has\s+become|became)\s+(?:now\s+)?(?:the|my)\s+(?P<n>(?!one\b|thing\b)[\w-]+)\s+(?:(?:that|which)\s+)?(?:i\s+(?:now\s+)?(?:like|love|enjoy|prefer)(?:\s+(?:best|most|the\s+most))?|of\s+choice|number\s+one|for\s+me)", "my favourite {n} is {v}"),
    rule(r"(?:the\s+best|my\s+(?:best|top|number\s+one|absolute\s+favou?rite|most\s+(?:loved|liked)))\s+(?P<n>[\w-]+)\s+(?:of\s+all\s+|ever\s+|for\s+me\s+|there\s+is\s+|to\s+me\s+)*is\s+(?:now\s+)?(?P<v>.+?)(?:\s+for\s+me)?", "my favourite {n} is {v}"),
    rule(r"my\s+(?P<n>[\w-]+)\s+of\s+choice\s+is\s+(?:now\s+)?(?P<v>.+)", "my favourite {n} is {v}"),
    rule(r"(?P<v>.+?)\s+is\s+(?:now\s+)?(?:the\s+best|my\s+(?:best|top|number\s+one|go-to|most\s+(?:loved|liked)))\s+(?P<n>[\w-]+)(?:\s+(?:of\s+all|ever|for\s+me|to\s+me|now))*", "my favourite {n} is {v}"),
    rule(r"my\s+favou?rite\s+(?P<a>of\s+(?:all\s+)?(?:the\s+)?)?(?P<n>[\w-]+?)(?P<b>s?)\s+(?:has\s+(?:to\s+be|always\s+been|been)|would\s+be|will\s+always\s+be|must\s+be|remains|ought\s+to\s+be)\s+(?P<v>.+)", "my favourite {n} is {v}"),
    rule(r"my\s+favou?rite\s+(?:of\s+(?:all\s+)?(?:the\s+)?|among\s+(?:the\s+)?)(?P<n>[\w-]+?)s?\s+is\s+(?:now\s+)?(?P<v>.+)", "my favourite {n} is {v}"),
)  # fmt: skip
TONGUES: tuple[Rule, ...] = (
    rule(rf"i\s+(?:(?:can|could|am\s+able\s+to)\s+)?(?:(?:understand|read|write|speak|talk)(?:,|\s+and)\s+)*(?:speak|talk|am\s+speaking)\s+(?:in\s+)?(?:the\s+)?{LANGUAGE}(?:\s+language)?(?:\s+(?:at\s+home|with\s+.+|fluently|well))?", "I speak {v}"),
    rule(rf"i\s+have\s+(?:an?\s+)?(?:good|decent|solid|basic|excellent|perfect)?\s*(?:command|knowledge|grasp|mastery)\s+of\s+{LANGUAGE}", "I speak {v}"),
    rule(rf"we\s+speak\s+{LANGUAGE}(?:\s+at\s+home)?", "I speak {v}"),
    rule(rf"i\s+(?:have\s+)?(?:learned|learnt|picked\s+up|mastered)\s+{LANGUAGE}", "I speak {v}"),
    rule(rf"i\s+(?:(?:can|could|am\s+able\s+to|do|also|know\s+how\s+to|(?:have\s+)?learn(?:t|ed)(?:\s+(?:how\s+)?to)?|grew\s+up|even|now|already|still)\s+)*(?:speak(?:ing)?|talk|converse\s+in|communicate\s+in|get\s+by\s+in|express\s+myself\s+in|know|understand|manage(?:\s+in)?|have|master|hold\s+(?:a\s+)?conversations?\s+in|make\s+myself\s+understood\s+in)\s+(?:(?:some|fluent|good|decent|a\s+bit\s+of|a\s+little)\s+)?{LANGUAGE}(?:\s+(?:fluently|well|too|as\s+well|quite\s+well|pretty\s+well|very\s+well|a\s+bit))?", "I speak {v}"),
    rule(rf"i\s+am\s+(?:(?:also|quite|pretty|very|now|totally|nearly)\s+)*(?:fluent|proficient|conversant|good|bilingual|at\s+home|comfortable|competent|conversational|confident)\s+(?:in|with|at)\s+(?:speaking\s+)?{LANGUAGE}", "I speak {v}"),
    rule(rf"(?:my|the)\s+{LANGUAGE}\s+is\s+(?:(?:also|quite|pretty|very|now|really)\s+)*(?:good|fluent|decent|ok|okay|fine|native|excellent|solid|not\s+bad)", "I speak {v}"),
    rule(rf"{LANGUAGE}\s+is\s+(?:also\s+)?(?:(?:one\s+of\s+)?(?:my|the)\s+(?:mother\s+tongue|first\s+language|native\s+(?:language|tongue)|languages?)|a\s+language\s+i\s+(?:know|speak)|no\s+problem\s+for\s+me|something\s+i\s+speak|(?:one\s+of\s+)?the\s+languages?\s+(?:that\s+)?i\s+(?:speak|know))(?:\s+(?:i\s+)?speak)?", "I speak {v}"),
    rule(rf"i\s+am\s+(?:also\s+)?(?:an?\s+)?(?:native|fluent|good)?\s*(?:speaker\s+of\s+{LANGUAGE})", "I speak {v}"),
    rule(rf"i\s+am\s+(?:also\s+)?(?:an?\s+)?(?:native|fluent|good)?\s*(?P<v>{TONGUE})[\s-]speaker", "I speak {v}"),
    rule(rf"(?:my|one\s+of\s+my|among\s+my)\s+languages?\s+(?:is|are|include)\s+{LANGUAGE}", "I speak {v}"),
    rule(rf"one\s+of\s+the\s+languages\s+(?:that\s+)?i\s+(?:speak|know)\s+is\s+{LANGUAGE}", "I speak {v}"),
)  # fmt: skip
DAY = r"(?P<v>(?:(?:on|at|every|each)\s+)?.*(?:\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bnoon\b|\bmidnight\b|morning|evening|afternoon).*)"
HELD: tuple[Rule, ...] = (
    rule(rf"(?:i|we)\s+(?:have\s+)?(?:moved|shifted|pushed|rescheduled|postponed)\s+(?P<s>(?:my|our|the)\s+[\w' -]+?)\s+(?:from\s+.+?\s+)?(?:to|until|on|till)\s+{DAY}", "{s} is now {v}"),
    rule(rf"on\s+(?P<v>.+?)\s+(?:i|we)\s+(?:have|hold|attend)\s+(?P<s>(?:my|our|the)\s+[\w' -]+)", lambda m: f"{m['s']} is on {m['v']}" if noted(m["s"]) else None),
    rule(rf"{S}\s+(?:(?:now|always|usually|normally)\s+)*(?:takes?\s+place|happens?|(?:is|are|gets?|got|has\s+been|have\s+been|was|were|will\s+be|is\s+going\s+to\s+be)\s+(?:now\s+)?(?:held|scheduled|planned|set|fixed|booked|arranged|due|moved|shifted|pushed|rescheduled|postponed|brought|put|changed|switched|transferred)(?:\s+(?:back|forward|off|over|up))?|falls|occurs|shifted|moved|goes\s+on|has\s+(?:now\s+)?(?:moved|shifted|gone))\s+(?:from\s+.+?\s+)?(?:(?:to|for|on|at|in|until|till|as\s+of)\s+)*{DAY}", "{s} is now {v}"),
    rule(rf"(?:i|we)\s+(?:(?:have|now|always)\s+)*(?:have|hold|get|attend|do|moved|shifted|pushed|rescheduled|scheduled|put|set)\s+(?P<s>(?:my|our|the)\s+[\w' -]+?)\s+(?:from\s+.+?\s+)?(?:to\s+|for\s+)?(?P<v>(?:(?:on|at|every|each)\s+)?(?:\S+\s+){{0,3}}?(?:\S*\d\S*|\w+days?\b|noon|midnight).*)", lambda m: f"{m['s']} is now {m['v']}" if re.search(r"meeting|appointment|lesson|class|course|call|session|training|shift|lunch|dinner|practice|flight|exam|interview|visit|party|rehearsal", m["s"], re.I) else None),
    rule(rf"(?:my|our|the)\s+(?P<n>[\w-]+)\s+(?:(?:now|always|usually|all)\s+)*(?:meets?|gathers?|gets\s+together|comes?\s+together|convenes?|has\s+(?:its|a|the|our|their)\s+(?:\w+\s+)?meeting)\s+(?:up\s+)?(?:now\s+)?{DAY}", "my {n} meeting is now {v}"),
    rule(rf"(?:we|i)\s+(?:now\s+)?meet\s+(?:up\s+)?(?:as\s+a\s+|with\s+(?:the|my)\s+)(?P<n>[\w-]+)\s+(?:now\s+)?{DAY}", "my {n} meeting is now {v}"),
)  # fmt: skip
WORN: tuple[Rule, ...] = (
    rule(r"(?P<n>[a-z]+?)s?\s*[:,-]\s*size\s+(?P<v>\d\S*)", "my {n} size is {v}"),
    rule(r"i\s+(?:buy|get|order)\s+(?:my\s+)?(?P<n>[a-z]+?)s?\s+in\s+(?:size\s+)?(?P<v>\d\S*)", "my {n} size is {v}"),
    rule(r"i\s+(?:(?:now|usually)\s+)?(?:wear|take|need|have|am|buy)\s+(?:an?\s+)?(?P<n>[a-z]+?)s?\s+(?:in\s+|of\s+)?size\s+(?P<v>\d\S*)", lambda m: f"my {m['n']} size is {m['v']}" if m["n"].lower() != "a" else None),
    rule(r"i\s+(?:(?:now|usually)\s+)?(?:wear|take|need|have|am)\s+(?:an?\s+)?(?:size\s+)?(?P<v>\d\S*)\s+(?:in|for|with|as)\s+(?:my\s+)?(?P<n>[a-z]+?)(?:s|s\s+size|\s+size)?", "my {n} size is {v}"),
    rule(r"i\s+(?:(?:now|usually)\s+)?(?:wear|take|need|have|am)\s+(?:an?\s+)?size\s+(?P<v>\d\S*)\s+(?P<n>[a-z]+?)s?", "my {n} size is {v}"),
    rule(r"(?:in|for|with)\s+(?P<n>[a-z]+?)s?,?\s+(?:i\s+(?:(?:now|usually)\s+)?(?:wear|take|need|have|am)|it\s+is|my\s+size\s+is)\s+(?:an?\s+)?(?:size\s+)?(?P<v>\d\S*)", "my {n} size is {v}"),
    rule(r"my\s+(?P<n>[a-z]+?)s?\s+(?:are|is|come\s+in)\s+(?:an?\s+)?(?:in\s+)?size\s+(?P<v>\d\S*)", "my {n} size is {v}"),
    rule(r"my\s+size\s+(?:in|for)\s+(?P<n>[a-z]+?)s?\s+is\s+(?:now\s+)?(?P<v>\d\S*)", "my {n} size is {v}"),
)  # fmt: skip
RIDES: tuple[Rule, ...] = (
    rule(r"i\s+(?:have\s+)?(?:traded|swapped|exchanged|changed|replaced)\s+(?:in\s+)?my\s+(?:old\s+)?(?:car|vehicle)\s+(?:in\s+)?(?:for|with|by|to)\s+an?\s+(?:new\s+)?(?P<v>.+)", "I drive now a {v}"),
    rule(r"i\s+am\s+an?\s+(?P<v>(?-i:[A-Z])[\w-]+)\s+(?:driver|owner)", "I drive a {v}"),
    rule(r"(?:(?:you|everyone|everybody|people|they)\s+)?(?:can\s+|may\s+|should\s+)?(?:i\s+)?(?:drive|am\s+driving)\s+an?\s+(?P<v>(?-i:[A-Z])[\w-]+)\s+car", "I drive a {v}"),
    rule(rf"(?:my|our)\s+(?:new\s+|current\s+)?(?:ride|vehicle|wheels|automobile|motor|set\s+of\s+wheels|auto)\s+(?:is|are)\s+(?:now\s+)?{V}", "my car is {v}"),
    rule(r"i\s+(?:now\s+|currently\s+)?(?:drive|am\s+driving)\s+(?:around\s+)?(?:in\s+)?(?:(?:an?|my)\s+)?(?:new\s+)?(?P<v>(?-i:[A-Z])[\w-]*(?:\s[\w-]+)?)(?:\s+(?:around|as\s+my\s+car))?", "I drive a {v}"),
    rule(r"i\s+(?:now\s+)?(?:get|go)\s+(?:around|about|to\s+work)\s+(?:in|by|with)\s+(?:an?|my)\s+(?:new\s+)?(?P<v>(?-i:[A-Z])\S*)", "I drive a {v}"),
    rule(r"(?:an?|my)\s+(?:new\s+)?(?P<v>(?-i:[A-Z])\S*)\s+is\s+(?:now\s+)?(?:my|our)\s+(?:new\s+)?(?:car|ride|vehicle)(?:\s+now)?", "my car is a {v}"),
    rule(r"i\s+(?:(?:have|just|recently)\s+)*(?:switched|changed|moved|swapped|upgraded|went\s+over)\s+(?:over\s+)?(?:(?:my\s+)?cars?\s+)?(?:from\s+(?:an?|my)\s+\S+\s+)?(?:to\s+(?:driving\s+)?|for\s+)an?\s+(?:new\s+)?(?P<v>(?-i:[A-Z])\S*)", "I drive now a {v}"),
)  # fmt: skip
VERB = r"(?P<w>(?:now\s+)?(?:am\s+\w+ing|[a-z]+)(?:\s+(?:in|at|for|by|to|with|on))?)(?:\s+(?:best|most|the\s+most|now|currently|these\s+days))*"
CLEFT: tuple[Rule, ...] = (
    rule(rf"the\s+(?P<n>[\w -]+?)\s+(?:(?:that|which|who|whom|where|in\s+which|for\s+which)\s+)?(?:i|we)\s+{VERB}\s+(?:is|are)\s+(?:now\s+)?(?:called\s+)?{V}", _relative),
    rule(rf"(?P<v>.+?)\s+(?:is|are)\s+(?:now\s+)?the\s+(?P<n>[\w-]+(?:\s[\w-]+)?)\s+(?:(?:that|which|who|whom|where|in\s+which|for\s+which)\s+)?(?:i|we)\s+{VERB}", _relative),
    rule(rf"(?P<v>.+?)\s+(?:is|are)\s+(?:now\s+)?(?P<q>what|where|who|whom)\s+(?:i|we)\s+{VERB}", _cleft),
    rule(rf"(?P<q>what|where|who)\s+(?:i|we)\s+{VERB}\s+is\s+(?:now\s+)?{V}", _cleft),
    rule(rf"(?P<v>.+?)\s+(?:is|are)\s+(?:(?:also|now|really)\s+)*(?:something|one\s+of\s+the\s+(?:things|\w+)|an?\s+(?:thing|language|sport|hobby|activity|drink|food)|among\s+the\s+things)\s+(?:(?:that|which)\s+)?(?P<q>i)\s+(?:(?:really|also|do|just|quite)\s+)*{VERB}", _cleft),
    rule(rf"it\s+is\s+(?P<v>.+?)\s+(?:(?:that|which)\s+)(?P<q>i)\s+{VERB}", _cleft),
)  # fmt: skip
GERUND = r"(?P<g>living|working|driving|using|drinking|playing|learning|studying|speaking|taking|eating|residing)"
BASES = {
    "living": "live", "working": "work", "driving": "drive", "using": "use", "drinking": "drink", "playing": "play", "learning": "learn",
    "studying": "study", "speaking": "speak", "taking": "take", "eating": "eat", "residing": "live",
}  # fmt: skip
BEGUN: tuple[Rule, ...] = (
    rule(rf"(?:i|we)\s+(?:(?:have|just|recently|now)\s+)*(?:started|began|begun|switched\s+to|taken\s+to|gone\s+back\s+to|went\s+back\s+to|moved\s+on\s+to|changed\s+to|taken\s+up|been)\s+{GERUND}\s+{V}",
         lambda m: f"I {BASES[m['g'].lower()]} now {m['v']}"),
    rule(r"(?P<w>(?:have\s+)?(?:moved|relocated|switched|changed|started|joined|bought|left|swapped|settled|set|picked|chose)|live|work|drive|love|like|enjoy|prefer|living|working|driving|allergic|fluent|based|keep|kept|hid|put|stored|moving|really\s+(?:like|love|enjoy)|no\s+longer|got|go\s+by|going\s+by|been)\s+(?P<v>(?!(?:it|that|this|on|the\s+way)\b)\S+(?:\s\S+){0,6})",
         lambda m: None if re.search(r"\b(?:is|are|means|has|can|was|makes|would|gets)\b", m["v"]) else f"I {'am ' if m['w'].lower() in ('living', 'working', 'driving', 'allergic', 'fluent', 'based', 'moving', 'going by') else 'have ' if m['w'].lower() == 'been' else ''}{m['w']} {m['v']}"),
    rule(rf"(?:now|currently|still|always)\s+{GERUND}\s+{V}", "I am {g} {v}"),
)  # fmt: skip
"""A beginning, and notes that leave the "I" out."""
FIRST_TRIED: tuple[Rule, ...] = (*CODES, *REACHED, *CALLED, *TONGUES, *REACTS, *BEST, *CHOSEN, *WORK, *RIDES, *ABODE, *HELD, *PUT)
"""What the templates would read as something else."""
THEN_TRIED: tuple[Rule, ...] = (*LIKED, *WORN, *CLEFT, *BEGUN)
"""What they read not at all, or as a mere "is"."""
