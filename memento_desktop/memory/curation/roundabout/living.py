"""Where the owner lives and works, what he drives, and where his things are, in the words that the templates read."""

from __future__ import annotations

import re

from memento_desktop.memory.curation.roundabout.rules import Rule, V, rule
from memento_desktop.memory.curation.wording import singular

GOODS = (
    r"keys?|charger|passport|umbrella|wallet|tools?|documents?|torch|ladder|tickets?|glasses|remote|papers"
    r"|medicine|bags?|box|boxes|suitcases?|bicycle|bike|car|van"
)
"""Things that are put somewhere."""
AT = r"(?:in|on|at|under|behind|inside|beside|next to|above|below|near|between|underneath|beneath|over)"
PLACE = rf"(?P<v>{AT} .+)"
FIRST = rf"(?P<v>{AT} .+?)"
THING = r"(?P<s>(?:(?:my|our|the|an?|[^\W\d_][\w-]*'s) )?(?:[\w'-]+ ){0,4}?[\w'-]+)"
OBJECTS = r"(?P<s>(?:my|our|the|an?) (?!old )(?:[\w'-]+ ){0,3}?[\w'-]+)"


def _place(found: re.Match[str]) -> str | None:
    thing = found["s"] if found["s"].lower().startswith(("my ", "our ", "the ")) or "'s " in found["s"] else f"the {found['s']}"
    return f"{thing} {'are' if singular(thing.split()[-1]) != thing.split()[-1] else 'is'} {found['v']}"


ABODE: tuple[Rule, ...] = (
    rule(
        rf"(?:i|we) (?:(?:have|just) )*(?:packed up|sold [\w ]+?|left .+?|moved (?:out|house|home)) and (?:(?:have|now) )*(?:moved to|"
        rf"live in|relocated to) {V}", "I live in {v} now",
    ),
    rule(r"(?:i|we) (?:now )?live in the (?:city|town|village|municipality) of (?P<v>(?-i:[A-Z]).*)", "I live in {v}"),
    rule(r"i am (?:now )?an? (?P<v>(?-i:[A-Z])[\w-]+) (?:resident|dweller|inhabitant)", "I live in {v}"),
    rule(rf"after (?:(?!i\b)[\w'-]+ ){{0,3}}?(?:(?!i\b)[\w'-]+),? (?:i|we) (?:moved|relocated|went) to {V}", "I live in {v} now"),
    rule(r"(?:i|we) (?:have )?moved (?:in|over to|back to|on to) (?P<v>(?-i:[A-Z]).*)", "I live in {v} now"),
    rule(r"home (?:for (?:me|us) )?is (?:now )?(?:in )?(?P<v>(?-i:[A-Z])[^,;]*?)(?: (?:for (?:me|us)))?(?: now)?", "I live in {v} now"),
    rule(
        r"(?P<v>(?-i:[A-Z])\S*(?: \S+)?) (?:is|has become|became|has been) (?:now )?(?:(?:my|our) )?(?:new )?(?:home(?: ?(?:town|base|"
        r"city))?|place of residence)(?: now)?(?: for me)?", "I live in {v} now",
    ),
    rule(r"(?:i|we) (?:now )?call (?P<v>.+?) (?:(?:my|our) )?home(?: now)?", "I live in {v} now"),
    rule(r"(?:i|we) (?:have )?made (?P<v>.+?) (?:(?:my|our) )?(?:new )?home", "I live in {v} now"),
    rule(rf"(?:my|our) (?:new )?(?:place|home(?: ?(?:town|base|city))?|place of residence|residence|city|town) is (?:now )?(?:in )?{V}",
         "I live in {v} now"),
    rule(
        rf"(?:i|we) (?:(?:have|just|finally) )*(?:settled(?: down)? in|set up home in|made the move to|put down roots in|ended up "
        rf"living in|went to live in|moved (?:house|flat|home|over|down|up|back|out) to) {V}", "I live in {v} now",
    ),
    rule(rf"(?:i|we) (?:am|are) (?:now )?(?:a )?residents? of {V}", "I live in {v}"),
    rule(r"(?:i|we) (?:am|are) (?:now )?(?:living|based|located|residing) (?:over |out of |down |up )?(?:in )?(?P<v>(?-i:[A-Z]).*)",
         "I live in {v}"),
    rule(
        rf"(?:i|we) (?:have )?(?:left|swapped|traded|exchanged|gave up) (?P<a>(?-i:[A-Z])\S+) (?:and )?(?:now live in|and live in|moved "
        rf"to|to (?:live|settle) in) {V}", "I live in {v} now",
    ),
    rule(r"(?:i|we) (?:have been )?(?:reside|dwell|residing|stay|live (?:over|down|up|out)) in (?P<v>(?-i:[A-Z]).*)", "I live in {v}"),
    rule(r"(?:you (?:can|will) )find me (?:living )?in (?P<v>(?-i:[A-Z]).*)", "I live in {v}"),
)  # fmt: skip
WORK: tuple[Rule, ...] = (
    rule(rf"i am (?:now )?an? employee (?:of|at|with) {V}", "I work at {v}"),
    rule(r"i (?:now )?(?:do|have) (?:my|the|a) work (?:at|for|with) (?P<v>(?-i:[A-Z]).*)", "I work at {v}"),
    rule(rf"my (?:new )?job(?: is|'s) (?:at|with|for) {V}", "I work at {v} now"),
    rule(rf"i (?:have )?(?:left|quit) (?P<a>.+?) for (?:an? )?(?:new )?(?:job|position|role|post) (?:at|with) {V}", "I work at {v} now"),
    rule(rf"i (?:have )?(?:accepted|took|got|received) an? (?:job )?offer (?:from|by|at) {V}", "I work at {v} now"),
    rule(r"i am (?:now )?on the (?P<v>(?-i:[A-Z])[\w&. -]*?) (?:payroll|team|staff)", "I work at {v}"),
    rule(r"(?P<v>.+?) (?:gave|offered) me (?:an?|the) (?:new )?(?:job|position|role)", "I work at {v} now"),
    rule(rf"i (?:have )?moved (?:jobs?|employers?|companies) to {V}", "I work at {v} now"),
    rule(r"(?P<v>.+?) (?:(?:has|have) )?(?:employs|hired|employed|recruited|took on|pays) (?:me|my (?:salary|wages))(?: now)?",
         "I work at {v} now"),
    rule(rf"(?:i|we) (?:(?:am|was|have been|got) )(?:now |just )?(?:employed|hired|recruited|taken on|engaged) (?:by|at|with) {V}",
         "I work at {v} now"),
    rule(rf"(?:my|our) (?:new )?(?:employer|company|firm|workplace|place of work|work ?place) is (?:now )?(?:called |at )?{V}",
         "I work at {v} now"),
    rule(r"(?P<v>.+?) is (?:now )?(?:my|our) (?:new |current )?(?:employer|company|firm|workplace|place of work)(?: now)?",
         "I work at {v} now"),
    rule(rf"(?:my|the) (?:new )?(?:job|work|position|role) (?:is|I have is) (?:now )?(?:at|with|for) {V}", "I work at {v} now"),
    rule(
        rf"i (?:now )?(?:(?:earn|make) my (?:living|money|keep|bread)|have (?:my|a|the) (?:job|position|role)|am on the (?:team|payroll|"
        rf"staff)|am (?:part|a member) of the team|am an? employee|do my job|have work) (?:now )?(?:at|with|of|for) {V}", "I work at {v}",
    ),
    rule(
        rf"i (?:(?:have|just|recently) )*(?:signed (?:on|up|a contract)? ?(?:with|at)|gone to work (?:for|at)|went to work (?:for|at)|"
        rf"began (?:working )?(?:at|with|for)|switched (?:over )?(?:jobs?|employers?|companies|company) ?(?:and (?:now )?(?:work|am "
        rf"working) (?:at|for)|to)|changed (?:my )?(?:jobs?|employers?|company) ?(?:and (?:now )?(?:work|am working|am) (?:at|for|with)|"
        rf"to)|got hired (?:by|at)|took (?:up )?(?:a|the) (?:new )?(?:job|position|role|post) (?:at|with)|started (?:a|my) (?:new )"
        rf"?(?:job|position|role) (?:at|with|for)|started (?:out )?(?:over )?(?:at|with)) {V}", "I work at {v} now",
    ),
    rule(r"i (?:now |currently )?(?:work|am working) (?:now )?(?:by|with|over at|in the company|on) (?P<v>(?-i:[A-Z]).*)",
         "I work at {v}"),
    rule(rf"i (?:have )?left (?P<a>.+?) (?:and )?(?:now work (?:at|for)|to (?:work (?:at|for)|join)|joined|started (?:working )?at) {V}",
         "I work at {v} now"),
)  # fmt: skip
RIDES: tuple[Rule, ...] = (
    rule(
        r"i (?:have )?(?:traded|swapped|exchanged|changed|replaced) (?:in )?my (?:old )?(?:car|vehicle) (?:in )?(?:for|with|by|to) an? "
        r"(?:new )?(?P<v>.+)", "I drive now a {v}",
    ),
    rule(r"i am an? (?P<v>(?-i:[A-Z])[\w-]+) (?:driver|owner)", "I drive a {v}"),
    rule(
        r"(?:(?:you|everyone|everybody|people|they) )?(?:can |may |should )?(?:i )?(?:drive|am driving) an? (?P<v>(?-i:[A-Z])[\w-]+) "
        r"car", "I drive a {v}",
    ),
    rule(rf"(?:my|our) (?:new |current )?(?:ride|vehicle|wheels|automobile|motor|set of wheels|auto) (?:is|are) (?:now )?{V}",
         "my car is {v}"),
    rule(
        r"i (?:now |currently )?(?:drive|am driving) (?:around )?(?:in )?(?:(?:an?|my) )?(?:new )?(?P<v>(?-i:[A-Z])[\w-]*(?: [\w-]+)?)"
        r"(?: (?:around|as my car))?", "I drive a {v}",
    ),
    rule(r"i (?:now )?(?:get|go) (?:around|about|to work) (?:in|by|with) (?:an?|my) (?:new )?(?P<v>(?-i:[A-Z])\S*)", "I drive a {v}"),
    rule(r"(?:an?|my) (?:new )?(?P<v>(?-i:[A-Z])\S*) is (?:now )?(?:my|our) (?:new )?(?:car|ride|vehicle)(?: now)?", "my car is a {v}"),
    rule(
        r"i (?:(?:have|just|recently) )*(?:switched|changed|moved|swapped|upgraded|went over) (?:over )?(?:(?:my )?cars? )?(?:from "
        r"(?:an?|my) \S+ )?(?:to (?:driving )?|for )an? (?:new )?(?P<v>(?-i:[A-Z])\S*)", "I drive now a {v}",
    ),
)  # fmt: skip
PUT: tuple[Rule, ...] = (
    rule(rf"(?:i|we) have (?:got )?(?P<s>(?:my|our|the) (?:[\w'-]+ ){{0,2}}?(?:{GOODS})) {PLACE}", _place),
    rule(
        rf"(?P<s>(?:my|our|the) (?:[\w'-]+ ){{0,2}}?(?:{GOODS})) (?:(?:have|has|were|was) )*(?:moved|gone|went|been moved|been put) "
        rf"(?:in)?to (?P<w>the .+|my .+|our .+)", lambda m: f"{m['s']} are now in {m['w']}",
    ),
    rule(rf"if (?:you|anyone|i|we) (?:ever )?needs? (?P<s>(?:my|our|the) [\w' -]+?),? (?:they|it) (?:are|is) {PLACE}", _place),
    rule(rf"(?:(?:you|one|we|i) )?(?:(?:can|will|may|should|always|now|usually) )*(?:find|look for|get|see) {OBJECTS} (?:now )?{PLACE}",
         _place),
    rule(
        rf"(?:i|we) (?:(?:have|always|now|usually|just) )*(?:keep|kept|put|left|store|stored|hide|hid|hidden|stash|stashed|moved|placed|"
        rf"hung|hang|leave|park|parked|lay|laid|dropped) {OBJECTS} (?:now )?(?:over |from .+? )?(?:to )?{PLACE}", _place,
    ),
    rule(
        rf"(?:i|we) (?:(?:have|just|now) )*(?:moved|put|transferred) (?P<s>(?:my|our|the) (?:[\w'-]+ ){{0,2}}?(?:{GOODS})) (?:from .+? )"
        rf"?(?:in)?to (?P<w>the .+|my .+|our .+)", lambda m: f"{m['s']} {'are' if singular(m['s']) != m['s'] else 'is'} now in {m['w']}",
    ),
    rule(
        rf"(?P<s>(?:(?:my|our|the|an?) )?(?:[\w'-]+ ){{0,3}}?(?:{GOODS})) (?:(?:always|now|usually|have|has|are|is|were|was|been|can) )"
        rf"*(?:hang|hangs|hanging|lie|lies|lying|sit|sits|sitting|live|lives|rest|rests|stay|stays|go|goes|belong|belongs|be found|"
        rf"(?:to )?be found|moved to|moved|put|placed|kept|hidden|stored|stashed|left) (?:now )?{PLACE}", _place,
    ),
    rule(
        rf"(?:look )?{FIRST} (?:is|are) (?:now )?where (?:(?:i|we|you) (?:(?:can|will|now|always|have) )*(?:keep|kept|put|find|hide|hid|"
        rf"left|store|leave) )?{THING}(?: (?:is|are|hang|lie|live|sit))?", _place,
    ),
    rule(rf"(?:look|check) {FIRST} (?:for|to find) (?P<s>(?:my|our|the|an?) .+)", _place),
    rule(rf"{FIRST} (?:(?:you (?:will|can) find)|is|are|hangs?|lies?|lie|sits?|there (?:is|are)) (?P<s>(?:my|our|the) .+)", _place),
    rule(
        rf"(?:the )?(?:new )?(?:place|spot|hiding place|home) (?:for|of|where (?:i|we) (?:keep|hide|put)) (?P<s>(?:my|our|the) [\w' "
        rf"-]+?) is (?:now )?{PLACE}", _place,
    ),
    rule(rf"(?P<s>(?:(?:my|our|the) )?(?:[\w'-]+ ){{0,3}}(?:{GOODS})) ?(?:[:=,–—]|->|→| - | ) ?(?:now )?{PLACE}", _place),
)  # fmt: skip
