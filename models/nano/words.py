"""Word lists for the transcript generator. Half of all names are drawn from here, half are made of random syllables."""

from __future__ import annotations


def _cut(text: str, separator: str | None = None) -> list[str]:
    return text.split(separator)


NAMES = _cut(
    "Priya Tom Aiko Luis Mara Ben Chloe Omar Ivy Noah Zara Felix Nina Hugo Lena Raj Sofia Max Elif Jon Anya Leo Mei Karl Dana Igor "
    "Ruth Paul Yara Sam Ada Bruno Carla Dmitri Esra Finn Greta Hana Ines Jakob Kim Lars Mona Nils Olga Pia Quinn Rosa Sven Tara"
)
SYLLABLES = _cut(
    "ka lo mi ra ten vor sal du pri nex bar col fin gra hel jun kip lem nor pax qui rov sti tam ulm ver wes yor zan bo ce dri fe gu "
    "ho ix ja ke li mu na op pe ro su ti un va wy xe ye zo ash bel cor den er fal gor hin is jor kal lun mar nil os per ris sor tol"
)
FILE_WORDS = _cut(
    "trips invoice report notes budget orders sales stock runs log minutes contract offer receipt menu plan summary letter manual "
    "policy team travel expenses hours rides visits parts tools books films plants bills rent energy water fuel lease quote survey "
    "results grades shifts payroll members guests rooms tickets claims loans taxes donations inventory agenda review warranty april "
    "may june july march january office garden kitchen winter summer spring north south east west final draft first second old new"
)
FRAGMENTS = _cut(
    "ac ach act ad add ag age al am amount an and anoth another ans answer ant anty ap ar arch are arg args arith arithme arithmetic "
    "arr arranty arry ary as ash ass assista assistant at ate ation ave aver average ay bar be befor before bel ber ble bo bu bud "
    "budget cal calcul calculate call can carry cas cases ce cen centa centag centages ch ck cl clude co col column com comput computer "
    "con cop copy cor corre correction count csv ct ction cul da dat data date dates day days de den did do doc docu document docx does "
    "dra draft dri du each ed edn ednesday el en ence enses ep er ere ers ery es esday est ests ex exact exactly exclude exp expenses "
    "express expression fa fac fact facts faile failed fal fe fer fewest fi fice file files fin final find fol fold folder follow for "
    "fri friday from ft ge get give go gor gr gra gu guests gy have hel here high highest hin ho hold holds hou hours how ht html ic "
    "ice icy id if ig igh ight il ile iles im in ing inter invo invoice ion ip is ist ista it ith its ive ix ja jan jor js json jul "
    "july jun june ka kal ke ked keep kip kit km kn know le leas lease leave left lem li lin line lines list lo low lowest ls lsx lun "
    "ly man manu manual many mar march marked may md me mem member memory ment mer mething mi miles min minut minutes ml mon monday ms "
    "mu my na nam names ne nex nil no nor not nothing nt ntence nu number numbers of office ok ol old olve on once one only op oper "
    "operation or ord orders ory os ose oth others ou ount out output ow own owner pa pat path pattern pax pay pd pdf pe peat per "
    "percentages pl plan ply pol policy por port pptx pr pri pril pt ptx put qu query qui ra re read recall remember rent repeat reply "
    "res ress resul result results ri ris ro rom roo rov row rows rs run sal sales sat satur saturday say se search sentence ses sh sk "
    "so solve something sor ste step steps sti su such sum sun sunday sur sv ta table tam task tasks tax te tel tell ten ter tern text "
    "th that the there thing this those thurs thursday ti tic to today tol told tool tools tota total tr ts tu tuesday txt uary ude ul "
    "ulm um umber umn un units up ur urs us user ut va ve ver vis visits vo vor warranty we wednesday wer wes west wh what when where "
    "with without wor word worked wy xe xlsx xt ye yor you your zan zo"
)
"""Pieces of words as the tokenizer cuts them: put together at random, they make every name a new one to copy."""
MONTHS = _cut("January February March April May June July August September October November December")
COLUMNS = _cut(
    "km hours price amount cost quantity score weight distance litres calories revenue tax fee points minutes pages steps sales units "
    "miles kg profit salary rent age height width length volume power speed rating discount balance income expenses deposit budget "
    "total due visits guests nights tons boxes copies goals"
)
MARKERS = _cut(
    "void cancelled draft test refunded pending private duplicate estimate unpaid returned internal sample late rejected paid final "
    "approved closed open done confirmed business urgent archived expired wrong demo free manual reserved shared"
)
ATTRIBUTES = _cut(
    "locker code,phone number,birthday,favourite tea,office,dog's name,seat number,shoe size,wifi password,dentist,doctor,door code,"
    "bike,car,flat number,email,address,bank,insurance number,cat's name,team,hobby,favourite colour,passport number,blood type,"
    "desk,manager,nickname,middle name,hotel,flight,platform,gym,coffee order,allergy,landlord,plumber,school,teacher,tax number",
    ",",
)
KEYS = _cut(
    "warranty,deadline,budget,owner,venue,contact,version,price,delivery,status,total due,due date,invoice number,customer,order number,"
    "start date,end date,notice period,deposit,rent,supplier,author,project,phone,address,tax rate,discount,payment term,interest rate,"
    "currency,quantity,weight,colour,serial number,room,speaker,manager,department,approved by,next meeting,capacity,warranty period,"
    "net amount,gross amount,account,reference,seller,buyer,date,subtotal,tax,amount paid,check-in,gate,seat,policy number,expiry date",
    ",",
)
THINGS = _cut(
    "spare key,passport,ladder,drill,blue folder,charger,tent,first aid kit,toolbox,camera,umbrella,suitcase,printer,projector,"
    "bicycle pump,sewing kit,garden hose,old laptop,photo album,will",
    ",",
)
PLACES = _cut(
    "Lyon Porto Oslo Delhi Quito Kyoto Leeds Bern Turin Gdansk Dakar Lima Cork Graz Basel Ghent Malmo Riga Split Izmir attic cellar "
    "garage kitchen hall shed drawer wardrobe office bedroom"
)
UNITS = (
    ("miles", "km"), ("km", "miles"), ("feet", "metres"), ("inches", "cm"), ("kg", "pounds"), ("pounds", "kg"), ("litres", "gallons"),
    ("hours", "minutes"), ("days", "hours"), ("weeks", "days"), ("celsius", "fahrenheit"), ("fahrenheit", "celsius"), ("GB", "MB"),
    ("metres", "feet"), ("ounces", "grams"), ("minutes", "seconds"), ("cm", "inches"), ("cups", "ml"), ("knots", "kph"),
)  # fmt: skip
OUTSIDE = (
    "Who was {x}?", "What is the capital of {x}?", "Write a poem about {x}.", "Hello", "Hi there", "How are you?", "Tell me a joke.",
    "Why is {x} famous?", "Translate {x} into French.", "Who won the match in {x}?", "Explain {x} to me.", "What do you think of {x}?",
    "Is {x} a good idea?", "How tall is {x}?", "What is {x}?", "Give me ideas for {x}.", "When did {x} begin?", "Thanks!", "Good morning",
    "Can you help me?", "What is the weather in {x}?", "Book a table at {x}.", "Send a mail to {x}.", "How do I cook {x}?",
)  # fmt: skip
