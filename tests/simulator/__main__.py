"""python -m simulator headscale|github|up: see README.md"""
import argparse
import importlib
import sys


def main():
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    names = ("headscale", "github", "up")
    # only the part that is asked for is imported: the others' libraries would cost start-up time
    wanted = next((a for a in sys.argv[1:] if a in names), None)
    for name in names:
        sub = commands.add_parser(name)
        if name == wanted:
            importlib.import_module("." + name, __package__).arguments(sub)
    args = parser.parse_args()
    return sys.modules["%s.%s" % (__package__, args.command)].main(args)


if __name__ == "__main__":
    sys.exit(main())
