#!/usr/bin/env python3
"""Lets a linker leave out what nobody uses of Swift's objects and static libraries.

    release-sections.py FOLDER ARGUMENT...

Swift marks every public function and each conformance as one that is kept (SHF_GNU_RETAIN, elf.h), for programs that look
them up by name at run time. Copies without that mark on code and data go to FOLDER, and the linker's arguments to standard
output, NUL after each, with the copies in place of the files. The sections in which Swift's runtime looks things up, swift5_*,
stay marked, and with them is kept whatever they name.
"""
import os
import struct
import sys

RETAIN = 0x200000
COLLECTED = (".text", ".data", ".rodata", ".bss")


def sections(data, start):
    """The names of an object's sections, and where the flags of each stand (elf(5), Elf64_Shdr)."""
    (headers,) = struct.unpack_from("<Q", data, start + 40)
    count, names = struct.unpack_from("<HH", data, start + 60)
    offsets = [start + headers + 64 * number for number in range(count)]
    (texts,) = struct.unpack_from("<Q", data, offsets[names] + 24)
    for offset in offsets:
        name = start + texts + struct.unpack_from("<I", data, offset)[0]
        yield data[name : data.index(0, name)].decode(), offset + 8


def release(data, start):
    for name, place in list(sections(data, start)):
        (flags,) = struct.unpack_from("<Q", data, place)
        if name.startswith(COLLECTED):
            struct.pack_into("<Q", data, place, flags & ~RETAIN)


def objects(data):
    """Where the objects in a file begin: at its start, or where those of an archive do (ar(5))."""
    starts, place = [0], 8
    if data.startswith(b"!<arch>\n"):
        starts = []
        while place + 60 <= len(data):
            size = int(data[place + 48 : place + 58])
            starts.append(place + 60)
            place += 60 + size + size % 2
    return [start for start in starts if data.startswith(b"\x7fELF", start)]


def file_of(argument, folders):
    if argument.startswith("-l"):
        paths = [os.path.join(folder, f"lib{argument[2:]}.a") for folder in folders]
        return next((path for path in paths if os.path.exists(path)), None)
    return argument if argument.endswith((".o", ".a")) else None


def main(folder, *arguments):
    os.makedirs(folder, exist_ok=True)
    folders = [folder for option, folder in zip(arguments, arguments[1:]) if option == "-L"]
    for number, argument in enumerate(arguments):
        if path := file_of(argument, folders):
            with open(path, "rb") as file:
                data = bytearray(file.read())
            for start in objects(data):
                release(data, start)
            argument = os.path.join(folder, f"{number}-{os.path.basename(path)}")
            with open(argument, "wb") as file:
                file.write(data)
        print(argument, end="\0")


main(*sys.argv[1:])
