#!/usr/bin/env python3
"""Loses the answer to a statement: stands between a client and a server on loopback, without TLS.

    lossy_proxy.py SERVER_PORT ORDER

Prints its port. Once the file ORDER is there with a line "HOW commit" or "HOW ddl", the connection of the
next such statement is cut, and the file removed:
    unsent       before the server has got it
    unanswered   when the server has got it
    unheard      when the server has answered, but the client has not got that
"""
import os
import re
import socket
import sys
import threading

QUERY = 3
KINDS = {'commit': re.compile(rb'\s*COMMIT[;\s]*$|.*;\s*COMMIT[;\s]*$', re.I | re.S),
         'ddl': re.compile(rb'\s*(ALTER|CREATE|DROP|RENAME|TRUNCATE)\s+TABLE\b', re.I)}


class Relay:
    """One connection. `deaf`: what the server says is not passed on any more."""

    def __init__(self, client, port, order):
        self.client, self.order, self.deaf = client, order, False
        self.server = socket.create_connection(('127.0.0.1', port))
        for one in (self.client, self.server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def cut(self):
        for one in (self.client, self.server):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def ordered(self, statement):
        """What to do with this statement. Whoever removes the order has it."""
        try:
            with open(self.order) as order:
                how, kind = order.read().split()
            if not KINDS[kind].match(statement):
                return ''
            os.unlink(self.order)
            return how
        except FileNotFoundError:
            return ''

    def exact(self, count):
        pieces = []
        while count:
            piece = self.client.recv(min(count, 1 << 16))
            if not piece:
                raise EOFError
            pieces.append(piece)
            count -= len(piece)
        return b''.join(pieces)

    def from_client(self):
        while True:
            head = self.exact(4)
            payload = self.exact(int.from_bytes(head[:3], 'little'))
            what = self.ordered(payload[1:]) if payload[:1] == bytes([QUERY]) else ''
            if what == 'unsent':
                return
            self.deaf = self.deaf or what == 'unheard'
            self.server.sendall(head + payload)
            if what == 'unanswered':
                return

    def from_server(self):
        while True:
            piece = self.server.recv(1 << 16)
            if not piece or self.deaf:
                return
            self.client.sendall(piece)

    def run(self, way):
        try:
            way()
        except (OSError, EOFError):
            pass
        self.cut()


def serve(client, port, order):
    try:
        relay = Relay(client, port, order)
    except OSError:
        client.close()
        return
    back = threading.Thread(target=relay.run, args=(relay.from_server,), daemon=True)
    back.start()
    relay.run(relay.from_client)
    back.join()
    client.close()
    relay.server.close()


def main():
    port, order = int(sys.argv[1]), sys.argv[2]
    listening = socket.create_server(('127.0.0.1', 0))
    print(listening.getsockname()[1], flush=True)
    while True:
        client, _ = listening.accept()
        threading.Thread(target=serve, args=(client, port, order), daemon=True).start()


main()
