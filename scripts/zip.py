"""Packs a function: python scripts/zip.py ZIP BOOTSTRAP [FILE]. The same files make the same bytes."""

import os
import re
import shutil
import sys
import zipfile

MIB = 1024 * 1024
GLIBC = 34  # 2.34, of provided.al2023
BOOTSTRAP = 8_000_000  # packed; the larger it is the longer the first request waits
UNPACKED = 250 * MIB  # what Lambda takes, all files together


def main(target, bootstrap, *files):
    with open(bootstrap, "rb") as file:
        needs = max((int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", file.read())), default=0)
    if needs > GLIBC:
        sys.exit(f"scripts/zip: {bootstrap} needs glibc 2.{needs}, and the function has 2.{GLIBC}")
    unpacked = sum(os.path.getsize(path) for path in (bootstrap, *files))
    if unpacked > UNPACKED:
        sys.exit(f"scripts/zip: {unpacked / MIB:.0f} MiB unpacked, and Lambda takes {UNPACKED // MIB}: serve it from PostgreSQL")

    unfinished = f"{target}.new"
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in (bootstrap, *files):
            entry = zipfile.ZipInfo(os.path.basename(path))  # of 1980, whenever it was built
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if path == bootstrap else 0o100644) << 16
            entry.file_size = os.path.getsize(path)
            with open(path, "rb") as source, archive.open(entry, "w") as packed:
                shutil.copyfileobj(source, packed, MIB)
        sizes = ", ".join(f"{entry.filename} {entry.compress_size:,}" for entry in archive.infolist())
        if archive.getinfo("bootstrap").compress_size > BOOTSTRAP:
            sys.exit(f"scripts/zip: {sizes}: bootstrap may have {BOOTSTRAP:,} bytes at most")
    os.replace(unfinished, target)
    print(f"{target}: {os.path.getsize(target):,} bytes ({sizes}), glibc 2.{needs}")


main(*sys.argv[1:])
