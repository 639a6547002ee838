"""Servers that cannot be trusted, for tls_test.sh: on loopback, writing down what they are told.

    listen.py RECORD ask PLUGIN [OPTION...]    a greeting, then a request to log in by PLUGIN
    listen.py RECORD relay PORT [OPTION...]    a man in the middle of the server on PORT

Prints its port. RECORD gets every byte that a client sent outside TLS, RECORD.tls what it sent
inside, RECORD.back what the relayed server answered, RECORD.rsa what whoever holds the RSA key that
we hand out can decrypt.

    --greeting        PLUGIN is asked for by the greeting itself, not by a later request to switch
    --rsa NAME        the RSA key, NAME.key and NAME.pub
    --tls CERT KEY    TLS is offered
    --until N         TLS is offered, or an offer of it relayed, on the first N connections only
    --accept          any password is right
    --file PATH       after that, every statement is answered by a request for this file
    --split           the greeting comes in two pieces
    --excess          the greeting is followed by something that nobody asked for
    --full            an error in place of the greeting
    --mute WHEN       silent from the greeting, handshake or login on
"""

import argparse
import socket
import ssl
import struct
import subprocess
import threading

CLIENT_SSL = 0x0800
# Everything up to CLIENT_PLUGIN_AUTH but TLS and compression.
CAPABILITIES = 0x000FFFFF & ~CLIENT_SSL & ~0x20
SALT = b"abcdefghijklmnopqrst"
OK = b"\0\0\0\2\0\0\0"


def note(record, piece):
    with open(record, "ab") as file:
        file.write(piece)


def greeting(plugin, tls):
    flags = CAPABILITIES | (CLIENT_SSL if tls else 0)
    return (b"\n8.0.40\0" + struct.pack("<I", 7) + SALT[:8] + b"\0" + struct.pack("<H", flags & 0xFFFF)
            + b"\x2d" + struct.pack("<HH", 2, flags >> 16) + bytes([len(SALT) + 1]) + bytes(10)
            + SALT[8:] + b"\0" + plugin + b"\0")


class Peer:
    """A connected client: packets out, packets in, all of it on record."""

    def __init__(self, connection, record):
        self.connection, self.record, self.number = connection, record, 0

    def bytes(self, count):
        got = b""
        while len(got) < count:
            piece = self.connection.recv(count - len(got))
            if not piece:
                raise EOFError
            note(self.record, piece)
            got += piece
        return got

    def packet(self):
        head = self.bytes(4)
        self.number = head[3] + 1
        return self.bytes(int.from_bytes(head[:3], "little"))

    def framed(self, payload):
        self.number += 1
        return len(payload).to_bytes(3, "little") + bytes([self.number - 1 & 255]) + payload

    def send(self, *payloads, pause=False):
        raw = b"".join(self.framed(payload) for payload in payloads)
        if pause:
            self.connection.sendall(raw[:7])
            threading.Event().wait(0.3)
            raw = raw[7:]
        self.connection.sendall(raw)


class Key:
    """An RSA key that anybody could make."""

    def __init__(self, name, record):
        self.file, self.record = name + ".key", record + ".rsa"
        with open(name + ".pub", "rb") as file:
            self.public = file.read()

    def decrypt(self, secret):
        done = subprocess.run(
            ["openssl", "pkeyutl", "-decrypt", "-inkey", self.file, "-pkeyopt", "rsa_padding_mode:oaep"],
            input=secret, capture_output=True)
        plain = bytes(c ^ SALT[i % len(SALT)] for i, c in enumerate(done.stdout))
        note(self.record, plain)


def log_in(peer, plugin, answer, key):
    """What each plugin asks for, up to where the password was sent if it ever is."""
    if plugin == "caching_sha2_password":
        peer.send(b"\1\4")  # not in the cache: full authentication
        answer = peer.packet()
    if plugin in ("caching_sha2_password", "sha256_password") and answer in (b"\1", b"\2"):
        peer.send(b"\1" + key.public)
        key.decrypt(peer.packet())


def silence():
    threading.Event().wait(60)


def serve(peer, options, tls, key):
    if options.mute == "greeting":
        silence()
    if options.full:
        peer.send(b"\xff" + struct.pack("<H", 1040) + b"Too many connections")
        return
    first = options.what if options.greeting else "mysql_native_password"
    excess = [b"\xfedialog\0\4Password: "] if options.excess else []
    peer.send(greeting(first.encode(), tls), *excess, pause=options.split)
    answer = peer.packet()
    if len(answer) == 32 and struct.unpack("<I", answer[:4])[0] & CLIENT_SSL:
        if options.mute == "handshake":
            silence()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        peer.connection = context.wrap_socket(peer.connection, server_side=True)
        peer.record += ".tls"
        answer = peer.packet()
    if options.mute == "login":
        silence()
    if not options.accept:
        if options.greeting:
            # user name up to a zero byte, then what the plugin says, with its length ahead
            at = answer.index(b"\0", 32) + 1
            answer = answer[at + 1:at + 1 + answer[at]]
        else:
            data = b"\4Password: " if options.what == "dialog" else SALT + b"\0"
            short = options.what == "mysql_old_password"
            peer.send(b"\xfe" if short else b"\xfe" + options.what.encode() + b"\0" + data)
            answer = peer.packet()
        log_in(peer, options.what, answer, key)
        peer.send(b"\xff" + struct.pack("<H", 1045) + b"#28000Access denied by the test")
        return
    peer.send(OK)
    while True:
        peer.packet()
        peer.send(b"\xfb" + options.file.encode())


def relay(peer, options, tls):
    with socket.create_connection(("127.0.0.1", int(options.what))) as server:
        first = bytearray(server.recv(65536))
        if not tls:
            first[first.index(0, 5) + 15] &= ~(CLIENT_SSL >> 8)
        peer.connection.sendall(first)

        def back():
            try:
                while piece := server.recv(65536):
                    note(options.record + ".back", piece)
                    peer.connection.sendall(piece)
                peer.connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        thread = threading.Thread(target=back, daemon=True)
        thread.start()
        while piece := peer.connection.recv(65536):
            note(peer.record, piece)
            server.sendall(piece)
        server.shutdown(socket.SHUT_WR)
        thread.join()


def attend(connection, options, tls, key):
    peer = Peer(connection, options.record)
    try:
        relay(peer, options, tls) if options.role == "relay" else serve(peer, options, tls, key)
    except (EOFError, OSError):
        pass
    finally:
        peer.connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("record")
    parser.add_argument("role", choices=["ask", "relay"])
    parser.add_argument("what")
    for flag in ("--greeting", "--accept", "--split", "--excess", "--full"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--rsa")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--until", type=int)
    parser.add_argument("--file")
    parser.add_argument("--mute")
    options = parser.parse_args()
    for suffix in ("", ".tls", ".back", ".rsa"):
        open(options.record + suffix, "wb").close()
    key = Key(options.rsa, options.record) if options.rsa else None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        number = 0
        while True:
            connection, _ = listener.accept()
            tls = options.role == "relay" or options.tls is not None
            if options.until is not None and number >= options.until:
                tls = False
            number += 1
            threading.Thread(target=attend, args=(connection, options, tls, key), daemon=True).start()


main()
