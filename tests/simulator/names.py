"""Rules of host names, user names, tags and prefixes, with the refusal texts of each server version."""
import ipaddress
import random
import re
import string

_NOT_DNS = re.compile(r"[^a-z0-9.-]+")
_DNS_SAFE = string.ascii_lowercase + string.digits


class Refused(Exception):
    """A call that the server refuses: gRPC status code and text."""

    def __init__(self, code, text):
        super().__init__("%d %s" % (code, text))
        self.code, self.text = code, text


def go_quote(text):
    """a string as Go prints it with %q, for the plain cases that occur here"""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dns_segment_fault(name):
    """0.23: why a user or node name is refused, None if it is good"""
    if len(name.encode()) > 63:
        return "DNS segment must not be over 63 chars. %s doesn't comply with this rule: invalid user name" % name
    if name.lower() != name:
        return "DNS segment should be lowercase. %s doesn't comply with this rule: invalid user name" % name
    if _NOT_DNS.search(name):
        return ("DNS segment should only be composed of lowercase ASCII letters numbers, hyphen and dots."
                " %s doesn't comply with theses rules: invalid user name" % name)
    return None


def dns_label_fault(label):
    """0.29: why a given name is refused, None if it is good"""
    raw = label.encode()
    quoted = go_quote(label)
    if not raw:
        return '"" is not a valid DNS label: empty DNS label'
    head = "%s is not a valid DNS label: " % quoted
    if len(raw) > 63:
        return head + "%s is too long, max length is 63 bytes" % quoted
    edge = head + quoted + " is not a valid DNS label: "
    if not _alnum(raw[0]):
        return edge + "must start with a letter or number"
    if not _alnum(raw[-1]):
        return edge + "must end with a letter or number"
    for c in raw[1:-1]:
        if not _alnum(c) and c != ord("-"):
            return edge + "contains invalid character '%s'" % chr(c)
    return None


def _alnum(c):
    return chr(c) in string.ascii_letters + string.digits


def given_name_b(host, taken):
    """0.23: the given name of a new node; on collision eight random characters follow"""
    name = _NOT_DNS.sub("-", host.lower().replace("'", "").replace("@", "."))
    if any(len(x) > 63 for x in name.split(".")):
        raise Refused(2, "label %s is more than 63 chars: invalid user name" % name)
    if name in taken:
        name = name[:53] + "-" + "".join(random.choices(_DNS_SAFE, k=8))
    return name


def sanitized(host):
    """0.29: a host name made a DNS label, byte by byte; may come out empty"""
    for suffix in (".local", ".localdomain", ".lan"):
        host = host.removesuffix(suffix)
    raw = host.encode()[:63]
    while raw and not _alnum(raw[0]):
        raw = raw[1:]
    while raw and not _alnum(raw[-1]):
        raw = raw[:-1]
    out = ""
    for c in raw:
        if chr(c) in " .@_":
            out += "-"
        elif _alnum(c) or c == ord("-"):
            out += chr(c).lower()
    return out


def given_name_h(host, taken):
    """0.29: the given name of a new node; on collision -1, -2, ... follows"""
    base = sanitized(host) or "node"
    name, i = base, 0
    while name in taken:
        i += 1
        name = "%s-%d" % (base, i)
    return name


def tag_fault(tag, band):
    if not tag.startswith("tag:"):
        return "tag must start with the string 'tag:'"
    if tag.lower() != tag:
        return "tag should be lowercase"
    if len(tag.split()) > 1:
        return "tags must not contain spaces" if band == "H" else "tag should not contains space"
    return None


def parse_prefix(text):
    """the text of a CIDR prefix if it is one, else the refusal of the server"""
    if "/" not in text:
        raise Refused(2, "netip.ParsePrefix(%s): no '/'" % go_quote(text))
    address, _, bits = text.rpartition("/")
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        raise Refused(2, "netip.ParsePrefix(%s): ParseAddr(%s): unable to parse IP"
                      % (go_quote(text), go_quote(address))) from None
    if not bits.isascii() or not bits.isdigit() or (len(bits) > 1 and bits[0] == "0"):
        raise Refused(2, "netip.ParsePrefix(%s): bad bits after slash: %s" % (go_quote(text), go_quote(bits)))
    if int(bits) > ip.max_prefixlen:
        raise Refused(2, "netip.ParsePrefix(%s): prefix length out of range" % go_quote(text))
    return "%s/%d" % (ip, int(bits))


def prefix_order(text):
    """sort key: IPv4 before IPv6, then by address, then by length"""
    address, _, bits = text.rpartition("/")
    ip = ipaddress.ip_address(address)
    return ip.version, int(ip), int(bits)
