#!/usr/bin/env python3
"""Adds a category path to each product of the Icecat export, which has none.

Usage: xz -dc products.jsonl.xz | add_categories.py | xz -9 > products.ndjson.xz

The rules below look for words in the title and for attributes that only one kind of product has; the first that
matches wins.  They are ours, not Icecat's: good enough for a demo, and wrong here and there.
"""

import json
import re
import sys

RULES = [
    ("Computers > Processors", r"\bprocessor\b(?!.*notebook)|\bxeon\b.*\bghz\b|core i\d-\d+\w* processor", "attr_n_processor_cores_only"),
    ("Computers > Notebooks", r"\bnotebook\b(?!.*(case|bag|sleeve|lock|stand|adapter|battery|dock))|\bultrabook|\bchromebook|thinkpad|probook|elitebook|latitude e?\d", None),
    ("Computers > Servers", r"\bserver\b(?!.*(cable|rack mount))|poweredge|proliant", None),
    ("Computers > Desktops", r"\bdesktop\b|\bworkstation\b|\btower\b.*\bpc\b|\bmini pc\b|thin client|all-in-one pc|\bpc\b.*(gb|ghz)", None),
    ("Computers > Tablets", r"\btablet\b(?!.*(case|stand|mount|sleeve|cover))|\bipad\b(?!.*(case|stand|cover))", None),
    ("Components > Motherboards", r"motherboard|desktop board|server board|\bmainboard\b", None),
    ("Components > Memory", r"\bddr[234]?\b.*(memory|module|\d+ ?gb \()|memory module|\bsdram\b.*module|\bdimm\b", None),
    ("Components > Storage", r"hard (disk|drive)|\bssd\b|solid state|\bhdd\b|tape (drive|cartridge)|\blto\b|\bnas\b|disk array|usb flash|flash drive|memory card|microsd|\bsdhc\b", None),
    ("Components > Graphics", r"graphics card|geforce|radeon|quadro", None),
    ("Components > Power Supplies", r"power supply|\bpsu\b", None),
    ("Components > Cooling and Cases", r"\bcooler\b|cooling fan|computer case|heatsink|drive bay|\bchassis\b", None),
    ("Printing > Ink and Toner", r"toner|ink cartridge|\bcartridge\b|\bink\b|photoconductor|imaging (unit|drum)|\bdrum\b|ribbon|print ?head", "attr_t_printing_colours"),
    ("Printing > Printers", r"\bprinter\b(?!.*(cable|stand|cartridge))|laserjet|officejet|multifunction|\bmfp\b|\bplotter\b", None),
    ("Printing > Paper and Labels", r"\bpaper\b|\blabels?\b|transparenc|print film|canvas", None),
    ("Printing > Printer Parts", r"fuser|maintenance kit|transfer (belt|kit|roller)|roller kit|staple|paper (tray|feeder)|sheet feeder", None),
    ("Printing > Scanners", r"\bscanner\b", None),
    ("Displays > Projectors", r"projector(?!.*(lamp|mount|screen))", None),
    ("Displays > Projection Accessories", r"projector|projection|\blamp\b", None),
    ("Displays > Monitors", r"\bmonitor\b(?!.*(mount|arm|stand|cable))|\blcd\b.*(inch|\")|computer monitor|digital signage|\bdisplay\b(?!port)", None),
    ("Displays > Televisions", r"\btv\b(?!.*(mount|cable|bracket))|television", None),
    ("Displays > Mounts", r"\bmount\b|\bbracket\b|monitor (arm|stand)|wall plate", None),
    ("Power > UPS", r"\bups\b|uninterruptible", None),
    ("Power > Surge and Distribution", r"surge|\bpdu\b|power distribution|outlet|power strip|power cord|\bc13\b|\bc14\b|5-15", None),
    ("Power > Batteries", r"\bbatter(y|ies)\b|li-?ion", None),
    ("Power > Adapters and Chargers", r"charger|ac adapter|power adapter", None),
    ("Cables > Network", r"\bcat ?[5-7]|patch cable|patch cord|\brj-?45\b.*cable|utp|stp cable|ethernet cable", None),
    ("Cables > Fibre", r"fib(er|re)|multimode|\blc[-/](lc|sc|st)\b|duplex", None),
    ("Cables > Video", r"hdmi|displayport|\bdvi\b|\bvga\b|hd15|video cable", None),
    ("Cables > USB and Serial", r"usb.*cable|cable.*usb|serial|\bdb-?(9|25)\b|null modem|rs-?232", None),
    ("Cables > Audio", r"audio cable|\brca\b|3\.5 ?mm.*cable|stereo.*cable|coax", None),
    ("Cables > Internal and Other", r"\bsata\b|\bsas\b.*cable|\bcable\b|\bcord\b|extension lead", "attr_n_cable_length"),
    ("Networking > Switches and Routers", r"\bswitch\b(?!.*kvm)|router|firewall|gateway", None),
    ("Networking > Wireless", r"access point|wireless (adapter|network)|wi-?fi|antenna|802\.11", None),
    ("Networking > Adapters", r"network (card|adapter|interface)|\bnic\b|transceiver|\bsfp\b|media converter|ethernet adapter", None),
    ("Networking > KVM and Racks", r"\bkvm\b|\brack\b|cabinet|enclosure|patch panel|keystone", None),
    ("Audio > Headphones", r"headphone|headset|earphone|earbud", None),
    ("Audio > Speakers and Players", r"speaker|sound ?bar|\bmp3\b|\bdock(ing)? (entertainment|speaker)|radio|hi-fi|audio system|amplifier|microphone", None),
    ("Photo > Cameras", r"camera(?!.*(case|bag|battery))|camcorder|coolpix|powershot|webcam|\blens\b", None),
    ("Phones > Phones", r"\bphone\b(?!.*(case|cable|mount))|smartphone|telephone|\bvoip\b|\bdect\b", None),
    ("Phones > Cases and Sleeves", r"\bcase\b|\bsleeve\b|\bcover\b|\bskin\b|screen protector|\bbag\b|backpack|briefcase", None),
    ("Input > Keyboards and Mice", r"keyboard|\bmouse\b|\bmice\b|trackball|joystick|game ?pad|presenter|stylus|\bpen\b", None),
    ("Input > Docking and Hubs", r"docking|\bdock\b|\bhub\b|port replicator|card reader|converter|adapter|splitter|extender", None),
    ("Software and Services", r"licen[cs]e|software|warranty|care pack|support|upgrade|subscription|windows (server|\d)", None),
    ("Home > Appliances", r"shaver|toothbrush|razor|iron\b|kettle|coffee|blender|vacuum|hair|\bbulb\b|\bled\b|lighting", None),
]


def category_of(product):
    text = f"{product.get('title', '')} {product.get('short_description', '')}".lower()
    for path, pattern, attribute in RULES:
        if (attribute and attribute in product) or re.search(pattern, text):
            return path.split(" > ")
    return ["Other"]


for line in sys.stdin:
    row = json.loads(line)
    row["category"] = category_of(row)
    sys.stdout.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
