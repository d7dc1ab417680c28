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


class Crash(Exception):
    """A call that ends the process of the server (0.30: only the connection it came by)."""


def go_quote(text):
    """a string as Go prints it with %q, for the plain cases that occur here"""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# ---- names that people choose


def _dns_segment_fault(name, band):
    """up to 0.26: lower case letters, digits, - and . (users up to 0.24)"""
    if len(name.encode()) > 63:
        return "DNS segment must not be over 63 chars. %s doesn't comply with this rule: invalid user name" % name
    if name.lower() != name:
        return "DNS segment should be lowercase. %s doesn't comply with this rule: invalid user name" % name
    if _NOT_DNS.search(name):
        return ("DNS segment should only be composed of lowercase ASCII letters numbers, hyphen and dots."
                " %s doesn't comply with %s rules: invalid user name" % (name, "theses" if band < "D" else "these"))
    return None


def _hostname_fault(name):
    """0.27 and 0.28"""
    head = "hostname %s " % go_quote(name)
    if len(name.encode()) < 2:
        return head + "is too short, must be at least 2 characters"
    if len(name.encode()) > 63:
        return head + "is too long, must not exceed 63 characters"
    if name.lower() != name:
        return head + "must be lowercase (try %s)" % go_quote(name.lower())
    for c, what in ("-", "hyphen"), (".", "dot"):
        if name.startswith(c) or name.endswith(c):
            return head + "cannot start or end with a " + what
    if _NOT_DNS.search(name):
        return head + "contains invalid characters, only lowercase letters, numbers, hyphens and dots are allowed"
    return None


def _label_fault(label):
    """since 0.29"""
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


def given_name_fault(name, band):
    """why RenameNode refuses a name, None if it is good"""
    if band < "D":
        return _dns_segment_fault(name, band)
    if band < "F":
        return "name must be at least 2 characters long" if len(name.encode()) < 2 else _dns_segment_fault(name, band)
    if band < "H":
        return _hostname_fault(name)
    fault = _label_fault(name)
    return "given name is not a valid DNS label: " + fault if fault and band >= "I" else fault


def user_name_fault(name, band):
    """why a user may not have this name, None if it is good; nothing is refused since 0.27"""
    if band < "D":
        return _dns_segment_fault(name, band)
    if band >= "F":
        return None
    if len(name.encode()) < 2:
        return "username must be at least 2 characters long"
    if name[0].isdigit():
        return "username cannot start with a number"
    for i, c in enumerate(name):
        if c == "@" and "@" in name[:i]:
            return "username cannot contain more than one '@'"
        if not (c.isalpha() or c.isdigit() or c in "-._@"):
            return "username contains invalid character: '%s'" % c
    return None


# ---- names that the server makes of host names


def _random():
    return "".join(random.choices(_DNS_SAFE, k=8))


def stored_host_name(host, band):
    """what becomes `name`: 0.27 and 0.28 lower it, and replace what is no DNS name"""
    if not "F" <= band < "H":
        return host
    lowered = host.lower()
    return lowered if _hostname_fault(lowered) is None else "invalid-" + _random()


def automatic_given_name(host, taken, band):
    """the given name of a node that calls itself so; on collision a random suffix or, since 0.29, a number"""
    if band >= "H":
        base = sanitized(host) or "node"
        name, i = base, 0
        while name in taken:
            i += 1
            name = "%s-%d" % (base, i)
        return name
    if band >= "F":
        name = stored_host_name(host, band)
    else:
        name = _NOT_DNS.sub("-" if band < "C" else "", host.lower().replace("'", "").replace("@", "."))
        if any(len(x) > 63 for x in name.split(".")):
            raise Refused(2, "label %s is more than 63 chars: invalid user name" % name)
    # 0.25 and 0.26 let several nodes have the empty name
    return name[:53] + "-" + _random() if name in taken and name else name


def sanitized(host):
    """since 0.29: a host name made a DNS label, byte by byte; may come out empty"""
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


# ---- tags and prefixes


def tag_fault(tag, band):
    if not tag.startswith("tag:"):
        return "tag must start with the string 'tag:'"
    if tag.lower() != tag:
        return "tag should be lowercase"
    if len(tag.split()) > 1:
        return "tags must not contain spaces" if band >= "H" else "tag should not contains space"
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


def sorted_prefixes(prefixes, band):
    """IPv4 before IPv6, then by address (up to 0.28: by length first)"""
    def order(text):
        address, _, bits = text.rpartition("/")
        ip = ipaddress.ip_address(address)
        return (ip.version, int(bits), int(ip)) if band < "H" else (ip.version, int(ip), int(bits))
    return sorted(set(prefixes), key=order)
