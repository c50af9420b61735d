"""The sentences that statements are read from: what a person says of himself and of others in plain English, as patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass

PERSONS = frozenset(
    "sister brother mother father wife husband partner girlfriend boyfriend son daughter child friend boss manager colleague neighbour "
    "aunt uncle cousin niece nephew grandmother grandfather grandma grandpa parents doctor dentist teacher roommate flatmate landlord "
    "fiancé fiancée fiance fiancee ex stepson stepdaughter twin landlady coach trainer assistant mentor".split()
)
PETS = frozenset("dog cat pet parrot horse hamster rabbit tortoise puppy kitten bird fish".split())
DIETS = "vegetarian|vegan|pescatarian|gluten[- ]free|lactose[- ]intolerant|teetotal|halal|kosher"
GERUNDS = {
    "liking": "like", "loving": "love", "drinking": "drink", "eating": "eat", "working": "work", "living": "live", "playing": "play",
    "taking": "take", "using": "use", "driving": "drive", "learning": "learn", "studying": "study", "speaking": "speak",
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A way to say something: `pattern` matches what follows the subject and names the value `v`."""

    pattern: re.Pattern[str]
    attribute: str
    many: bool = False
    holds: bool = True
    past: bool = False
    """Says what is over."""
    changed: bool = False
    """Says that it is new."""
    trigger: str = ""
    """Words of which one stands in each text that says this: what the text index is asked for."""


def _template(
    pattern: str, attribute: str, many: bool = False, holds: bool = True, past: bool = False, changed: bool = False, trigger: str = ""
) -> Template:
    return Template(re.compile(f"(?:{pattern})$", re.IGNORECASE), attribute, many, holds, past, changed, trigger)


V = r"\s+(?P<v>.+)"
AT = r"(?=\s+(?:in|at|on|near|outside|by|close|next|around)\s)"
BE = r"(?:am|is|are)"
CONDITIONS = (
    "diabetes|hypertension|blood pressure|cholesterol|asthma|arthritis|migraines?|epilepsy|an[a]?emia|eczema|adhd|dyslexia|celiac disease|"
    "coeliac disease|hay fever|tinnitus|sleep apnea|psoriasis|depression|anxiety|ibs"
)
JOB = r"(?:(?:an?|the|my)\s+)?(?:new\s+)?(?:job|position|role|work)\s+"

TEMPLATES = (
    _template(rf"(?:lives?|resides?|{BE}\s+(?:living|based|located|settled)|ha(?:ve|s)\s+(?:lived|been\s+living)){AT}{V}", "home"),
    _template(rf"(?:lived|resided|was\s+living|was\s+based|were\s+living){AT}{V}", "home", past=True),
    _template(
        rf"(?:(?:have\s+|has\s+|{BE}\s+)?(?:mov(?:ed|ing)|relocat(?:ed|ing)|settled))(?:\s+(?:house|back|away|over))?"
        rf"(?:\s+from\s+.+?)?\s+(?:to|into|in){V}", "home", changed=True,
    ),
    _template(rf"moved\s+(?:out\s+of|away\s+from){V}", "home", holds=False, changed=True),
    _template(rf"(?:works?|{BE}\s+(?:working|employed)|ha(?:ve|s)\s+(?:worked|been\s+working))\s+(?:at|for){V}", "employer"),
    _template(rf"(?:worked|was\s+working|was\s+employed)\s+(?:at|for|by){V}", "employer", past=True),
    _template(
        rf"(?:(?:have\s+|has\s+)?joined|(?:have\s+|has\s+)?started\s+(?:to\s+work\s+|working\s+|{JOB})?(?:at|for|with)"
        rf"|(?:have\s+|has\s+)?(?:got|have|took|found|accepted|landed)\s+{JOB}(?:at|with)"
        rf"|(?:have\s+|has\s+)?(?:changed|switched)\s+(?:jobs?|employers?)\s+to){V}", "employer", changed=True,
    ),
    _template(rf"(?:(?:have\s+|has\s+)?(?:left|quit|resigned\s+from)(?:\s+{JOB}(?:at|with))?|was\s+(?:laid\s+off|fired)\s+(?:from|by)){V}",
              "employer", holds=False, changed=True),
    _template(rf"(?:works?|{BE}\s+(?:working|employed))\s+as{V}", "occupation"),
    _template(rf"worked\s+as{V}", "occupation", past=True),
    _template(rf"{BE}\s+(?:an?\s+)?(?P<v>{DIETS})", "diet"),
    _template(rf"(?:became|have\s+become|turned|went|have\s+gone)\s+(?:an?\s+)?(?P<v>{DIETS})", "diet", changed=True),
    _template(rf"(?:was|got|have\s+been)\s+promoted\s+to{V}", "occupation", changed=True),
    _template(rf"(?:have\s+|has\s+)?(?:become|became){V}", "is", many=True, changed=True),
    _template(rf"{BE}\s+(?P<v>.+?)\s+by\s+(?:profession|trade|training)", "occupation"),
    _template(rf"(?:go(?:es)?\s+by|{BE}\s+(?:called|named)|prefers?\s+to\s+be\s+called){V}", "name called"),
    _template(rf"(?:{BE}|turned|(?:have|has)\s+turned)\s+(?P<v>\d{{1,3}}|[a-z]+teen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:-\w+)?)"
              r"(?:\s+years?(?:\s+old)?(?:\s+of\s+age)?)?", "age"),
    _template(rf"(?:was|were)\s+born\s+on(?:\s+the)?{V}", "birthday"),
    _template(rf"(?:was|were)\s+born(?:\s+and\s+(?:raised|bred))?{V}", "birthplace"),
    _template(rf"(?:comes?\s+from|{BE}\s+(?:originally\s+)?from|grew\s+up\s+in|{BE}\s+originally\s+from){V}", "origin"),
    _template(rf"{BE}\s+(?:severely\s+|very\s+|highly\s+)?allergic\s+to{V}", "allergy", many=True),
    _template(rf"(?:have|has|developed)\s+an?\s+(?:severe\s+)?allergy\s+to{V}", "allergy", many=True),
    _template(r"(?:have|has|developed)\s+an?\s+(?:severe\s+)?(?P<v>[\w -]{2,30}?)\s+allergy", "allergy", many=True),
    _template(rf"(?:can\s+not|may\s+not)\s+(?:eat|have|digest|tolerate){V}", "avoids", many=True),
    _template(rf"{BE}\s+intolerant\s+(?:to|of){V}", "avoids", many=True),
    _template(rf"(?:like|love|enjoy|adore)s?{V}", "likes", many=True),
    _template(rf"{BE}\s+(?:(?:really|very|quite|a\s+(?:big|huge|great)|big)\s+)*"
              rf"(?:fond\s+of|(?:a\s+)?fans?\s+of|into|keen\s+on|crazy\s+about)"
              rf"{V}", "likes", many=True),
    _template(rf"(?:ha(?:ve|s)\s+(?:come|grown|started)\s+to\s+(?:like|love|enjoy)|ha(?:ve|s)\s+got\s+into){V}",
              "likes", many=True, changed=True),
    _template(rf"(?:hate|dislike|detest|loathe)s?{V}", "likes", many=True, holds=False),
    _template(rf"(?:(?:have\s+|has\s+)?gone\s+off|{BE}\s+(?:sick|tired)\s+of){V}", "likes", many=True, holds=False, changed=True),
    _template(rf"(?:drives?|{BE}\s+driving)\s+(?:an?|my|the){V}", "car"),
    _template(rf"(?:speaks?|{BE}\s+fluent\s+in){V}", "speaks", many=True),
    _template(rf"plays?{V}", "plays", many=True),
    _template(rf"(?:{BE}\s+learning|learns?){V}", "learns", many=True),
    _template(rf"(?:studies|study|{BE}\s+studying|{BE}\s+majoring\s+in|majors?\s+in){V}", "studies"),
    _template(rf"(?:takes?|{BE}\s+taking|{BE}\s+on)\s+"
              r"(?P<v>[\w -]+?\s(?:\d+\s?mg|tablets?|pills?|medication|insulin|metformin|statins?)\b.*)",
              "medication", many=True),
    _template(rf"(?:was|were|ha(?:ve|s)\s+been|got)\s+diagnosed\s+with{V}", "condition", many=True),
    _template(rf"(?:have|has)\s+(?P<v>(?:\w+\s+){{0,2}}(?:{CONDITIONS})\b.*)", "condition", many=True),
    _template(rf"(?:suffers?\s+from|{BE}\s+suffering\s+from){V}", "condition", many=True),
    _template(rf"{BE}\s+married\s+to{V}", "spouse"),
    _template(rf"(?:got\s+)?married\s+(?!in\b|on\b|for\b|with\b){V}", "spouse", changed=True),
    _template(rf"{BE}\s+engaged\s+to{V}", "fiancé"),
    _template(rf"prefers?{V}", "prefers", many=True),
    _template(r"(?:have|has)(?:\s+got)?\s+(?P<v>an?\s+.+)", "has", many=True),
    _template(r"(?:owns?|bought|(?:have|has)\s+bought)\s+(?P<v>an?\s+.+)", "has", many=True),
    _template(rf"(?:drinks?|eats?|uses?|wears?|reads?|watch(?:es)?|runs?){V}", "habit", many=True),
)  # fmt: skip
TRIGGERS: dict[str, tuple[str, ...]] = {
    "home": tuple("live reside stay living based located settled lived moved moving relocated relocating home".split()),
    "employer": tuple("work working employed worked joined started job position role employer left quit resigned fired".split()),
    "occupation": tuple("work employed become became promoted profession trade training job occupation".split()),
    "called": tuple("call called named go goes by name".split()),
    "name": tuple("name called named".split()),
    "age": tuple("m am turned year age old".split()),
    "birthday": tuple("born birthday birth".split()),
    "birthplace": ("born", "birthplace"),
    "origin": tuple("come from grew origin".split()),
    "allergy": tuple("allergic allergy".split()),
    "avoids": tuple("eat have digest tolerate intolerant".split()),
    "likes": tuple("like love enjoy adore fond fan into keen crazy hate dislike detest loathe gone sick tired stand bear".split()),
    "car": ("drive", "driving", "car"), "speaks": ("speak", "fluent"), "plays": ("play",), "learns": ("learn",),
    "studies": ("study", "studies", "studying", "major"), "medication": ("take", "taking", "medication", "on"),
    "condition": ("diagnosed", "suffer", "suffering", "have", "has", "ve"),
    "spouse": ("married", "spouse"), "fiancé": ("engaged", "fiancé"),
    "diet": tuple("vegetarian vegan pescatarian gluten lactose teetotal halal kosher diet".split()), "prefers": ("prefer",),
    "has": ("have", "ve", "has", "own", "bought"), "habit": ("drink", "eat", "use", "wear", "read", "watch", "run"),
    "is": ("am", "m", "is", "are", "re"), "number": ("have", "ve", "has"),
}  # fmt: skip
"""For each attribute the words of which one stands in every text that tells it: how candidates are found in the text index."""
COUNT = re.compile(
    r"(?:have|has)(?:\s+got)?\s+(?P<v>\d+|no|one|two|three|four|five|six|seven|eight|nine|ten|twelve)\s+"
    r"(?P<n>(?:little\s+|older\s+|younger\s+)?[a-z]+)\b(?P<r>.*)$", re.IGNORECASE,
)  # fmt: skip
"""How many of something: one number at a time."""
NAMED = re.compile(
    r"(?:have|has)(?:\s+got)?\s+(?:an?|one)\s+(?P<n>[\w -]+?)\s+(?:called|named|whose\s+name\s+is)\s+(?P<v>.+)$", re.IGNORECASE
)
USED_AS = re.compile(r"uses?\s+(?P<v>.+?)\s+(?:as|for)\s+(?:my|our|the)\s+(?P<n>[\w -]+)$", re.IGNORECASE)
OWN_CHANGE = re.compile(
    r"(?:have\s+|has\s+)?(?:changed|set|reset|switched|updated|moved|swapped|postponed)\s+(?P<n>(?:my|our|the)\s+[\w' -]+?)"
    r"(?:\s+from\s+.+?)?\s+(?:to|for)\s+(?P<v>.+)$", re.IGNORECASE,
)  # fmt: skip
COPULA = re.compile(
    r"""(?P<s>.+?)\s*(?:\s(?P<verb>is|are|was|were|will\ be|becomes)(?:\s+called|\s+named)?|\s?(?P<sign>[:=]))\s+(?P<v>.+)$""",
    re.VERBOSE | re.IGNORECASE,
)
CHANGE = re.compile(
    r"(?P<s>.+?)\s+(?:(?:has|have|is|was|got)\s+)?(?:been\s+|being\s+|just\s+)?"
    r"(?:chang(?:ed|es|ing)|switch(?:ed|es)|moved|moves|rescheduled|postponed|reset|set|updated)(?:\s+from\s+.+?)?\s+to\s+(?P<v>.+)$",
    re.IGNORECASE,
)
HAPPENS = re.compile(
    r"(?P<s>.+?)\s+(?P<a>opens?\s+with|opens?|closes?|starts?|ends?|begins?|leaves?|departs?|arrives?|meets?|expires?|costs?|takes\s+place)"
    r"(?:\s+(?:at|on|in))?\s+(?P<v>.+)$", re.IGNORECASE,
)  # fmt: skip
LIKED_BEST = re.compile(
    r"the\s+(?P<n>[\w -]+?)\s+(?:that\s+)?(?:i|we)\s+(?:like|love|prefer|enjoy)(?:\s+the)?(?:\s+(?:best|most))?\s+(?:is|are)\s+(?P<v>.+)$",
    re.I,
)
SHORT = re.compile(
    r"(?P<s>(?:my|our|the)\s+[\w -]+)'s\s+(?P<v>(?!.*\b(?:is|are|was|were|has|have|called)\b)(?!.*\s(?:to|at|in|on)\s).+)$", re.IGNORECASE
)
""""My name's Sam": a possessive with nothing else to be the verb; a value of one or a few words."""
CALL_ME = re.compile(
    r"(?:you\s+can\s+|everyone\s+calls\s+me|people\s+call\s+me|friends\s+call\s+me|call\s+me)\s*(?:call\s+me\s+)?(?P<v>.+)$", re.I
)
ANSWER_IN = re.compile(
    r"(?:always\s+|from\s+now\s+on,?\s+|in\s+future,?\s+)*(?:answer|reply|respond|write|talk|speak)(?:\s+to)?(?:\s+me)?(?:\s+only)?\s+in\s+(?P<v>[A-Z]\w+)"
    r"(?:\s+from\s+now\s+on)?$", re.IGNORECASE,
)  # fmt: skip
RULE = re.compile(r"(?:from\s+now\s+on,?\s+|in\s+(?:the\s+)?future,?\s+)*(?P<how>always|never|do\s+not\s+ever)\s+(?P<v>.+)$", re.IGNORECASE)
NO_NAME = re.compile(
    r"(?:in|to|for|on|by|up|at|the|an?|when|if|back|later|to(?:morrow|night|day)|after|before|asap|again|this|next|train|bus|car|bicycle|bike|foot|"
    r"plane|tram|myself|and|as|with|any|crazy|old|now|please)\b|(?:\S+\s+){3}", re.IGNORECASE,
)  # fmt: skip
"""What follows "call me" or "I go by" and is no name."""
NO_EMPLOYER = re.compile(r"(?:nights?|home|weekends?|day|myself|times|it|work|free|money|fun|hours?|\d+)\b", re.IGNORECASE)
COUNTRIES = frozenset(
    "switzerland germany austria france italy spain portugal belgium netherlands luxembourg england scotland wales ireland britain uk "
    "denmark sweden norway finland iceland poland czechia slovakia hungary romania bulgaria greece turkey croatia serbia slovenia "
    "ukraine russia estonia latvia lithuania usa us america canada mexico brazil argentina chile peru colombia china japan korea india "
    "pakistan thailand vietnam indonesia malaysia singapore philippines australia egypt morocco tunisia israel iran iraq kenya nigeria "
    "ghana europe asia africa texas california florida kansas".split()
)
"""A country that somebody lives in is not another home than the town in it."""
VOCABULARY = frozenset(
    "live lives living lived moved work works working worked joined started allergic allergy favourite favorite prefer prefers married "
    "really hidden stored located parked speak speaks fluent driving enjoy dislike study studying called prefer stopped "
    "vegetarian vegan birthday number address password phone drive drives drinking because changed always never longer anymore "
    "reach reached reachable called calls friends people everyone everybody known answer celebrate celebrates based settled resident "
    "residing staying employer employed hired company switched switch started signed relocated picked chose reset updated unlock unlocks "
    "opens enter combination preference seats usually rather reaction react reacts allergies triggers gives passionate crazy enjoys hobby "
    "hobbies something happy language languages native speaker tongue learned takes place scheduled rescheduled shifted pushed meets "
    "gathers wear shoes found moving based stashed living driving working wheels vehicle choice nothing beats comes when where what which "
    "longer these there around going being become became".split()
)
"""Words that templates rest on: a clause that none fits is read once more with a mistyped one of these put right."""
KNOWN = frozenset(
    "have like liked likes love loved loves line lines life lift list give given five drove dive diver word words world worn wore worth "
    "move mode moves joint jointed stared starred stated charged chanced adverse dresses numbers mobbed moped preferred really rally "
    "phase prone spark steak speaking speech drives driven driver calls culled pleasures studio sturdy stepped shopped because nearer "
    "employed employee employees caller callers prefers reach teach beach wears were tears bears years there three where here "
    "sweets meats seals "
    "heats shops shoe gates rives fives lived gave given going doing being bring rather father gather around ground shoot sound "
    "bound round bases bored cased eased hire fired wired tired hired mired places plates planes placed".split()
)
"""Words that look like these and are none of them."""
SURE = frozenset(
    "favourite favorite birthday password address allergic allergy vegetarian appointment meeting insurance dentist doctor sister husband "
    "daughter preferred preference girlfriend boyfriend neighbour colleague landlord number phone employer occupation anniversary "
    "passport account subscription".split()
)
"""Those that nothing else looks like: put right at once."""
