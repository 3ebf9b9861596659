/** Which connections are without a request, so that a server that stops can close them: also those that never had one. */
import type { Server } from "node:http";
import type { Socket } from "node:net";

export interface Connections {
  /** Closes those without a request, from now on each at the end of its last one. */
  close(): void;
}

/** Node's own `closeIdleConnections` leaves those alone that have not sent their first request: 10 s of waiting. */
export function followConnections(server: Server): Connections {
  const requests = new Map<Socket, number>();
  let isClosing = false;
  server.on("connection", (socket: Socket) => {
    requests.set(socket, 0);
    socket.once("close", () => requests.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = (requests.get(socket) ?? 1) - 1;
      if (requests.has(socket)) requests.set(socket, left);
      if (isClosing && left === 0) socket.destroySoon();
    });
  });
  return {
    close: () => {
      isClosing = true;
      for (const [socket, open] of requests) if (open === 0) socket.destroySoon();
    },
  };
}
