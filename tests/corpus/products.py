"""Whole products from trees of files: firmware images, packages, installers."""

import dataclasses
import io
import pathlib
import subprocess
import tarfile
import zipfile

TIME = 1767225600  # 2026-01-01, of every file


@dataclasses.dataclass
class File:
    content: bytes = b""
    mode: int = 0o644
    link: str = ""  # target of a symbolic link
    device: tuple = ()  # ("c" or "b", major, minor)
    owner: int = 0


def tar_of(tree, prefix=""):
    """A tar archive of the tree and of the folders above its files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        folders = set()
        for name in sorted(tree):
            for above in reversed(pathlib.PurePosixPath(name).parents):
                if str(above) != "." and above not in folders:
                    folders.add(above)
                    entry = tarfile.TarInfo(prefix + str(above))
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    entry.mtime = TIME
                    tar.addfile(entry)
            _add(tar, prefix + name, tree[name])
    return out.getvalue()


def _add(tar, name, file):
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime = file.mode, TIME
    entry.uid = entry.gid = file.owner
    if file.link:
        entry.type, entry.linkname = tarfile.SYMTYPE, file.link
    elif file.device:
        kind, entry.devmajor, entry.devminor = file.device
        entry.type = tarfile.CHRTYPE if kind == "c" else tarfile.BLKTYPE
    else:
        entry.size = len(file.content)
    tar.addfile(entry, io.BytesIO(file.content) if entry.size else None)


def run(command, data=None, cwd=None):
    result = subprocess.run(command, input=data, cwd=cwd, capture_output=True)
    if result.returncode != 0:
        raise RuntimeError(f"{command}: {result.stderr.decode(errors='replace')}")
    return result.stdout


def gzip(data):
    return run(["gzip", "-9n"], data)


def squashfs(tree, _name, work):
    out = work / "image"
    run(["sqfstar", "-quiet", "-no-progress", "-mkfs-time", str(TIME),
         str(out)], tar_of(tree))
    return out.read_bytes()


def kernel_and_squashfs(tree, name, work):
    """A flash image: U-Boot's legacy header around a script, then the root."""
    script = work / "boot.txt"
    script.write_text("bootm 0x9f020000\n")
    out = work / "boot"
    run(["mkimage", "-A", "mips", "-T", "script", "-n", "boot", "-d",
         str(script), str(out)])
    return out.read_bytes().ljust(0x20000, b"\xff") + squashfs(tree, name, work)


def cpio(tree, _name, _work):
    return gzip(run(["bsdtar", "-cf", "-", "--format", "newc", "@-"],
                    tar_of(tree)))


def jffs2(tree, _name, work):
    root, out = work / "root", work / "image"
    root.mkdir()
    run(["bsdtar", "-xpf", "-"], tar_of(tree), root)
    run(["mkfs.jffs2", "-r", str(root), "-U", "-l", "-o", str(out)])
    return out.read_bytes()


def ext4(tree, _name, work):
    root, out = work / "root", work / "image"
    root.mkdir()
    run(["bsdtar", "-xpf", "-"], tar_of(tree), root)
    run(["mke2fs", "-q", "-t", "ext4", "-E", "root_owner=0:0", "-d", str(root),
         str(out), "16M"])
    return out.read_bytes()


def tar_gz(tree, _name, _work):
    return gzip(tar_of(tree))


def _ar(members):
    out = b"!<arch>\n"
    for name, data in members:
        out += (f"{name:<16}{TIME:<12}{0:<6}{0:<6}{100644:<8}"
                f"{len(data):<10}`\n").encode() + data + b"\n" * (len(data) % 2)
    return out


def deb(tree, name, _work):
    """Files of DEBIAN/ go to the control archive."""
    control = {"control": File(
        f"Package: {name}\nVersion: 1.0\nArchitecture: amd64\n"
        "Maintainer: Example <support@example.org>\n"
        f"Description: {name}\n".encode())}
    data = {}
    for path, file in tree.items():
        if path.startswith("DEBIAN/"):
            control[path[len("DEBIAN/"):]] = file
        else:
            data[path] = file
    return _ar([("debian-binary", b"2.0\n"),
                ("control.tar.gz", gzip(tar_of(control, "./"))),
                ("data.tar.gz", gzip(tar_of(data, "./")))])


def npm(tree, _name, _work):
    return gzip(tar_of(tree, "package/"))


def source(tree, name, _work):
    return gzip(tar_of(tree, f"{name}-1.0/"))


def zip_archive(tree, _name, _work):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(tree):
            entry = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | tree[path].mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, tree[path].content)
    return out.getvalue()


def installer(tree, name, _work):
    """A shell script that unpacks what stands behind it, then runs setup.sh."""
    head = ("#!/bin/sh\n"
            f"# Installer of {name}\n"
            "set -e\n"
            'where=${1:-/opt/' + name + "}\n"
            'mkdir -p "$where"\n'
            'tail -n +LINES "$0" | tar -xz -C "$where"\n'
            'cd "$where" && sh ./setup.sh\n'
            "exit 0\n")
    head = head.replace("LINES", str(head.count("\n") + 1))
    return head.encode() + gzip(tar_of(tree))


# product: (builds it, how its file's name ends, the tree below its own files)
PRODUCTS = {
    "squashfs": (squashfs, ".squashfs", "firmware"),
    "flash": (kernel_and_squashfs, ".bin", "firmware"),
    "cpio": (cpio, ".cpio.gz", "firmware"),
    "jffs2": (jffs2, ".jffs2", "firmware"),
    "ext4": (ext4, ".img", "firmware"),
    "rootfs": (tar_gz, ".tar.gz", "firmware"),
    "deb": (deb, ".deb", "program"),
    "npm": (npm, ".tgz", "npm"),
    "wheel": (zip_archive, "-1.0-py3-none-any.whl", "wheel"),
    "source": (source, "-1.0.tar.gz", "source"),
    "zip": (zip_archive, ".zip", "program"),
    "installer": (installer, ".run", "installer"),
}
