"""A stand-in for OpenAI on loopback: TLS, HTTP/1.1 and HTTP/2, every request kept, every answer the test's choice."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Self

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h11

from tests.e2e import certs
from tests.e2e.answers import Answer, Received, answer

NAMES = ["api.openai.com", "eu.api.openai.com", "localhost", "other.example"]


class Standin:
    """The server. `requests` are what has reached it; `respond` says what it answers."""

    def __init__(self, folder: Path) -> None:
        self.ca_file, self._server_file = certs.make(folder, NAMES)
        self.requests: list[Received] = []
        self.respond: Callable[[Received], Answer] = answer
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @contextlib.contextmanager
    def answering(self, respond: Callable[[Received], Answer]) -> Iterator[list[Received]]:
        """Answer in another way for a while; gives the requests that come in meanwhile."""
        self.respond, before = respond, self.respond
        self.requests = requests = []
        try:
            yield requests
        finally:
            self.respond = before

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._server_file)
        context.set_alpn_protocols(["h2", "http/1.1"])
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        with contextlib.suppress(OSError, asyncio.CancelledError, h11.ProtocolError, asyncio.IncompleteReadError):
            await (self._serve_h2 if protocol == "h2" else self._serve_h1)(reader, writer)
        with contextlib.suppress(Exception):
            writer.close()

    async def _serve_h1(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while True:
            request, body = None, b""
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    connection.receive_data(await reader.read(1 << 16))
                elif isinstance(event, h11.Request):
                    request = event
                elif isinstance(event, h11.Data):
                    body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    break
                else:
                    return
            headers = {name.decode(): value.decode() for name, value in request.headers}
            received = Received(request.method.decode(), request.target.decode(), headers, body, "HTTP/1.1")
            self.requests.append(received)
            reply = self.respond(received)
            framing = (
                {"transfer-encoding": "chunked"}
                if len(reply.chunks) > 1 or reply.cut
                else {"content-length": str(sum(map(len, reply.chunks)))}
            )
            head = h11.Response(status_code=reply.status, headers=list({**reply.headers, **framing}.items()))
            writer.write(connection.send(head))
            # The end of the other side's bytes is heard of by reading alone.
            listening = asyncio.ensure_future(_listen(reader, connection, reply))
            try:
                async for chunk in _paced(reply):
                    writer.write(connection.send(h11.Data(data=chunk)))
                    await writer.drain()
            finally:
                listening.cancel()
                await asyncio.wait([listening])
            if reply.cut or reply.gone.is_set():
                return
            writer.write(connection.send(h11.EndOfMessage()))
            await writer.drain()
            if connection.our_state is not h11.DONE:
                return
            connection.start_next_cycle()

    async def _serve_h2(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        heads: dict[int, dict[str, str]] = {}
        bodies: dict[int, bytes] = {}
        tasks = set()
        replies: dict[int, Answer] = {}
        while data := await reader.read(1 << 16):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    heads[event.stream_id], bodies[event.stream_id] = dict(event.headers), b""
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id] += event.data
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    head = heads.pop(event.stream_id)
                    body = bodies.pop(event.stream_id)
                    received = Received(head.pop(":method"), head.pop(":path"), head, body, "HTTP/2")
                    self.requests.append(received)
                    reply = replies[event.stream_id] = self.respond(received)
                    task = asyncio.ensure_future(self._answer_h2(connection, writer, event.stream_id, reply))
                    task.add_done_callback(lambda _task, stream=event.stream_id: replies.pop(stream))
                    tasks.add(task)
                elif isinstance(event, h2.events.StreamReset) and event.stream_id in replies:
                    replies[event.stream_id].gone.set()
            writer.write(connection.data_to_send())
            await writer.drain()
        for reply in replies.values():
            reply.gone.set()

    async def _answer_h2(self, connection, writer, stream: int, reply: Answer) -> None:
        with contextlib.suppress(h2.exceptions.StreamClosedError, OSError):
            await self._send_h2(connection, writer, stream, reply)

    async def _send_h2(self, connection, writer, stream: int, reply: Answer) -> None:
        connection.send_headers(stream, [(":status", str(reply.status)), *reply.headers.items()])
        writer.write(connection.data_to_send())
        async for chunk in _paced(reply):
            for start in range(0, len(chunk), 16_384):
                connection.send_data(stream, chunk[start : start + 16_384])
            writer.write(connection.data_to_send())
            await writer.drain()
        if reply.cut:
            connection.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        else:
            connection.end_stream(stream)
        writer.write(connection.data_to_send())


async def _listen(reader: asyncio.StreamReader, connection: h11.Connection, reply: Answer) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            connection.receive_data(data)
    reply.gone.set()


async def _paced(reply: Answer) -> AsyncIterator[bytes]:
    """The chunks when they are due, as long as somebody is there to take them."""
    for index, chunk in enumerate(reply.chunks):
        if index and reply.hold:
            for _ in range(6000):
                if reply.hold.is_set() or reply.gone.is_set():
                    break
                await asyncio.sleep(0.01)
        if reply.gone.is_set():
            return
        yield chunk
