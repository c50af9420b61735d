"""What opens a lock, how somebody is reached and called, where he lives and when he was born, in the words that the templates read."""

from __future__ import annotations

import re

from memento_desktop.memory.curation.roundabout.rules import ANY, FIGURES, IT, Rule, V, Y, noted, rule

CODE = r"(?:(?:the|a|this) )?(?:new )?(?:code|pin|number|combination|password|passcode|combo|digits) (?:is )?"
OPEN = (
    r"(?:open(?:ing)?|unlock(?:ing)?|get(?:ting)? in(?:to)?|enter(?:ing)?|access(?:ing)?|log(?:ging)? ?(?:in|on)(?: ?to)?|"
    r"sign(?:ing)? in(?: ?to)?|connect(?:ing)?(?: to)?|get(?:ting)? on(?:to)?|join(?:ing)?|disarm(?:ing)?)"
)
OPENS = (
    r"(?:opens|unlocks|gets \w+ (?:in|on)(?:to)?|works (?:for|on|with|at)|is for|goes with|lets \w+ (?:in|on)(?:to)?|will open|"
    r"disarms)"
)
TYPE = r"(?:use|enter|type(?: in)?|dial|punch in|key in|press|put in|put|set|input)"
YOU = r"(?:(?:you|i|we|one) )?(?:(?:can|must|should|just|need to|have to|now|always) )*"
PHONE = r"(?P<v>[+(]?\d[\d ()/.-]{5,}\d)"
STREET = r"(?P<v>(?-i:[A-ZÀ-Þ])[\w.'-]+(?: [\w.'-]+){0,3} \d+\w?(?:,.*)?|\d+\w? (?-i:[A-ZÀ-Þ]).*)"


def _code(found: re.Match[str]) -> str:
    thing = found["y"]
    if noted(thing):
        return f"{thing} is {found['v']}"
    secret = re.search(r"wi-?fi|wlan|network|mail|account|laptop|computer|internet|router|\bpc\b", thing, re.IGNORECASE)
    return f"{thing} {'password' if secret else 'code'} is {found['v']}"


CODES: tuple[Rule, ...] = (
    rule(rf"it is (?:{CODE})?{FIGURES} (?:that|which) (?:{OPENS}|opens|unlocks) {Y}", _code),
    rule(rf"(?:you|i|we) (?:will |do )?need (?:{CODE})?{FIGURES} (?:(?:to|for) {OPEN}|for|on|at) {Y}", _code),
    rule(rf"{YOU}{TYPE} (?:{CODE})?{FIGURES} (?:and|then|so) {Y} (?:opens|unlocks|will open|is open)", _code),
    rule(rf"{Y} can (?:only )?be (?:opened|unlocked|accessed|entered) (?:with|by|using) (?:{CODE})?{FIGURES}", _code),
    rule(
        rf"the (?P<n>code|number|combination|password|pin|key) (?:(?:that|which) (?:now )?(?:opens?|unlocks?|belongs to|works (?:for|on)"
        rf"|gets \w+ into|is for|i (?:have|use) for)|(?:(?:needed|used|i use|i need) )?(?:to|for) {OPEN}|from|on|to|at|under which) {Y} "
        rf"?(?: is|:) (?:now )?{V}", "the {n} of {y} is {v}",
    ),
    rule(rf"for (?P<y>(?:my|our|[^\W\d_][\w-]*'s) [\w' -]+?),? (?:i|we) (?:have|use|set|chose|picked|take|took) (?:{CODE})?{FIGURES}",
         _code),
    rule(rf"(?:i|we) (?:have )?(?:have|use|set|chose|picked|take|took) (?:{CODE})?{FIGURES} (?:for|on) {Y}", _code),
    rule(
        rf"{Y} (?:now )?(?:(?:can be|is|gets|has to be|are) )?(?:opens?|opened|unlocks?|unlocked|locked|accessed|secured|protected) "
        rf"(?:with|by|using|on) (?:{CODE})?{FIGURES}", _code,
    ),
    rule(rf"(?:{CODE})?{FIGURES} (?:now )?(?:(?:is )?(?:what|the one that|how you) )?(?:{OPENS}|opens?|unlocks?) {Y}(?: now)?", _code),
    rule(rf"(?:in order )?(?:to|for) {OPEN} {Y}(?: ?, ?| ){YOU}{TYPE} (?:{CODE})?{FIGURES}", _code),
    rule(rf"(?:in order )?(?:to|for) {OPEN} {Y}(?: ?[,:] ?| )(?:(?:it|that) is |you need |i need )?(?:now )?(?:{CODE})?{FIGURES}", _code),
    rule(rf"{YOU}{TYPE} (?:{CODE})?{FIGURES} (?:now )?(?:(?:to|for) {OPEN}|for|on|at|into) {Y}", _code),
    rule(rf"{YOU}{OPEN} {Y} (?:now )?(?:with|using|by (?:typing|entering|dialling|dialing|using|pressing)) (?:{CODE})?{FIGURES}", _code),
    rule(rf"(?:the )?(?:code|pin|combination|combo|password|key) {FIGURES} (?:is for|for|opens|unlocks|belongs to) {Y}", _code),
    rule(rf"(?:{IT} is )?(?:now )?{FIGURES} (?:now )?(?:for|on) (?P<y>(?:my|our) [\w' -]+?)(?: now)?", _code),
    rule(
        rf"for (?P<y>(?:my|our|[^\W\d_][\w-]*'s) [\w' -]+?)(?: ?[,:] ?| )(?:{IT} is |the (?:new )?(?:code|combination|pin) is |{YOU}"
        rf"{TYPE} |you need |: ?)(?:now )?{FIGURES}", _code,
    ),
    rule(
        rf"{Y} (?:now )?(?:has|uses|takes|needs|wants|got|requires) (?:(?:the|a|as) )*(?:new )?(?:code|pin|combination|combo) ?:? (?:is "
        rf")?{FIGURES}", _code,
    ),
)  # fmt: skip
REACHED: tuple[Rule, ...] = (
    rule(rf"{ANY} (?:is|uses|has|goes by) (?:(?:on|under|at) )?{PHONE}", "{p}'s phone number is {v}"),
    rule(
        rf"if (?:you|i|we|anyone) (?:ever )?(?:needs?|wants?|looks? for|has to reach|wants? to (?:reach|call)) {ANY},? (?:(?:just|then|"
        rf"please) )?(?:call|dial|ring|try|use|text) {PHONE}", "{p}'s phone number is {v}",
    ),
    rule(rf"{YOU}(?:get|have|find) {ANY} (?:on|under|at) {PHONE}", "{p}'s phone number is {v}"),
    rule(
        rf"(?:the )?(?:new )?(?:phone |telephone )?number (?:to (?:reach|call|phone|get)|for|of|where you (?:can )?reach|under which "
        rf"you (?:can )?reach) {ANY} ?(?:is|:|=) ?(?:now )?{PHONE}", "{p}'s phone number is {v}",
    ),
    rule(rf"(?P<p>(?-i:[A-Z])[\w-]+) ?[:=] ?{PHONE}", "{p}'s phone number is {v}"),
    rule(rf"(?:we|i) (?:always )?(?:celebrate|have|mark) (?P<p>(?-i:[A-Z])[\w-]+|my [\w-]+)'s birthday on {V}", "{p}'s birthday is {v}"),
    rule(rf"it is (?P<p>(?-i:[A-Z])[\w-]+|my [\w-]+)'s birthday on {V}", "{p}'s birthday is {v}"),
    rule(rf"{ANY} (?:came into the world|was born|first saw the light) on {V}", "{p}'s birthday is {v}"),
    rule(rf"(?P<p>(?-i:[A-Z])[\w-]+|my [\w-]+)'s (?:mail|post|letters|parcels) (?:goes|go|should go|is sent|are sent) to {STREET}",
         "{p}'s address is {v}"),
    rule(rf"(?:to|if you (?:want to )?) ?(?:visit|see|find|meet) {ANY},? (?:go|come|drive|walk|head) to {STREET}",
         "{p}'s address is {v}"),
    rule(rf"{ANY} (?:gets|receives) (?:his|her|their) (?:mail|post|letters|parcels) (?:at|in) {STREET}", "{p}'s address is {v}"),
    rule(
        rf"{YOU}(?:(?:reach|call|phone|ring|text|contact|dial|get (?:hold of)?|message)(?: up)?) {ANY} (?:(?:now|up|best) )*(?:at|on|"
        rf"under|via|with|by (?:phone|calling)) ?(?:at|on|under)? (?:the number )?{PHONE}", "{p}'s phone number is {v}",
    ),
    rule(
        rf"{ANY} (?:(?:now|best|always) )*(?:can (?:now )?be|is) (?:(?:now|best) )*(?:reached|reachable|called|available) (?:(?:now|by "
        rf"phone) )*(?:at|on|under|via) (?:the number )?{PHONE}", "{p}'s phone number is {v}",
    ),
    rule(rf"{ANY} (?:now )?(?:answers|picks up) (?:(?:the )?phone )?(?:at|on|under) {PHONE}", "{p}'s phone number is {v}"),
    rule(rf"(?:dial|call|ring|text|use|try) {PHONE} (?:for|to (?:reach|call|get|phone|text)(?: hold of)?) {ANY}",
         "{p}'s phone number is {v}"),
    rule(rf"(?:for|to (?:reach|call|phone|get|text|ring)(?: hold of)?) {ANY} ?,? ?{YOU}(?:dial|call|ring|use|text|try) {PHONE}",
         "{p}'s phone number is {v}"),
    rule(rf"{PHONE} is (?:now )?(?:how you (?:can )?(?:reach|call|get)|(?:the number )?where you (?:can )?(?:reach|call)) {ANY}",
         "{p}'s phone number is {v}"),
    rule(
        rf"(?P<p>[^\W\d_][\w-]*|my [\w-]+)'s (?:(?:new|current|latest) )?(?:number|digits|contact|tel|telephone|line) ?(?:is|:|=)? "
        rf"(?:now )?{PHONE}", "{p}'s phone number is {v}",
    ),
    rule(rf"{ANY} (?:now )?has {PHONE} as (?:(?:his|her|their) )?(?:new )?(?:phone )?number", "{p}'s phone number is {v}"),
    rule(
        rf"{ANY} (?:(?:has|have|now|just) )*(?:lives?|resides?|moved|is living|is staying|stays|is|settled) (?:over )?(?:at|to|in|on) "
        rf"{STREET}", "{p}'s address is now {v}",
    ),
    rule(
        rf"(?:{YOU})?(?:find|visit|see|send|write|mail|post|ship) (?:(?:it|letters?|mail|post|things|parcels?|everything|cards?) )"
        rf"?(?:(?:for|to) )?{ANY} (?:now )?(?:at|to|under) {STREET}", "{p}'s address is {v}",
    ),
    rule(rf"(?P<p>[^\W\d_][\w-]*|my [\w-]+)'s (?:new )?(?:place|home|house|flat|apartment) is (?:now )?(?:at|on|in)? ?{STREET}",
         "{p}'s address is {v}"),
    rule(rf"{STREET} is (?:now )?where {ANY} (?:now )?(?:lives|resides|moved(?: to)?|stays)", "{p}'s address is {v}"),
    rule(rf"{ANY} (?:has|celebrates|is having|marks) (?:(?:his|her|their|a) )?birthday (?:on )?(?:the )?{V}", "{p}'s birthday is {v}"),
    rule(rf"(?P<p>[^\W\d_][\w-]*|my [\w-]+)'s birthday (?:falls|is celebrated|comes|lands|takes place) (?:on )?{V}",
         "{p}'s birthday is {v}"),
    rule(rf"{ANY} (?:turns (?:\d+|a year older)|gets (?:a year )?older|celebrates) (?:every year )?on {V}", "{p}'s birthday is {v}"),
    rule(rf"(?P<v>\S+(?: \S+){{0,2}}) is (?:when|the day) {ANY} (?:was born|has (?:his|her|their) birthday|celebrates)",
         "{p}'s birthday is {v}"),
)  # fmt: skip
CALLED: tuple[Rule, ...] = (
    rule(rf"(?:everyone|everybody|people|they|friends|my friends) knows? me (?:as|by the name(?: of)?) {V}", "call me {v}"),
    rule(rf"(?:you (?:can|may|should|could) )(?:address|refer to|greet) me (?:as|with|by) {V}", "call me {v}"),
    rule(rf"(?:please )?call me (?:by (?:the|my) (?:nick)?name(?: of)?|simply|only|instead) {V}", "call me {v}"),
    rule(rf"the name (?:(?:people|everyone|friends|my friends|others|you should) (?:call|use for|know) me(?: by)?) is {V}",
         "call me {v}"),
    rule(rf"i would (?:like|prefer|love)(?: it)? (?:(?:that|if) )?you (?:to )?(?:call|called) me {V}", "call me {v}"),
    rule(
        rf"(?:(?:everyone|everybody|people|folks|they|(?:my |our )?(?:\w+ )?(?:friends|family|colleagues|mates|buddies)|most(?: people)"
        rf"?|we all|you) )(?:(?:all|usually|just|always|mostly|tend to|can|may|should|will|might|could|now) )*(?:calls?|know) me (?:as |"
        rf"by (?:the name )?)?{V}", "call me {v}",
    ),
    rule(
        r"i am (?:(?:better|also|usually|generally|now|best|commonly) )*(?:known|called|addressed|referred to) (?:(?:to|by) (?:my )"
        r"?(?:friends|everyone|everybody|people|most) )?(?:as )?(?P<v>(?-i:[A-Z]).*)", "call me {v}",
    ),
    rule(rf"(?:please )?(?:just )?(?:address|refer to|greet) me (?:as|with|by) (?:the name )?{V}", "call me {v}"),
    rule(
        r"(?:please )?(?:just )?(?:use|say|write) (?:the name )?(?P<v>(?-i:[A-Z])\S*) (?:for me|as my name|when (?:you )?(?:address|"
        r"addressing|talk|speak|greet)\w*.*|to address me)", "call me {v}",
    ),
    rule(
        rf"i (?:(?:now|really) )?(?:(?:would|do) )?(?:(?:really|now|much) )?(?:want|like|prefer|love|wish|rather) (?:(?:it if )?you to "
        rf"(?:call|address) me(?: as)?|(?:to )?(?:be|being) (?:called|addressed as|known as)|(?:to )?(?:go|going) by) (?:the name )?{V}",
        "call me {v}",
    ),
    rule(r"i (?:now )?(?:answer|listen|respond) (?:only )?to (?:the name )?(?:of )?(?P<v>(?-i:[A-Z])\S*)", "call me {v}"),
    rule(r"(?:i )?(?:now )?(?:go|am going|going) (?:now )?(?:by|under) (?:the name )?(?:of )?(?:just )?(?P<v>(?-i:[A-Z])\S*)",
         "I go by {v}"),
    rule(
        rf"(?:please )?(?:feel free to|do|just|you (?:may|should|could|might|had better)|from now on) (?:please )?(?:just )?call me "
        rf"(?:by (?:the name )?)?{V}", "call me {v}",
    ),
    rule(
        r"(?P<v>(?-i:[A-Z])\S*) is (?:now )?(?:what|how|the name) (?:that )?(?:(?:everyone|everybody|people|you|my friends|friends|"
        r"most people|they|we) )(?:(?:can|may|should|will|all) )*(?:calls?|know) me(?: by)?", "call me {v}",
    ),
    rule(
        r"(?P<v>(?-i:[A-Z])\S*) is (?:now )?(?:what|the name) (?:that )?i (?:now )?(?:go by|answer to|want to be called|prefer(?: to "
        r"be called)?)", "call me {v}",
    ),
)  # fmt: skip
