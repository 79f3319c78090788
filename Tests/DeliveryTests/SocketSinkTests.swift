import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Delivery

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct SocketSinkTests {
    /// Listens where it is told, and answers on a second port with what it got, once there are some lines; each
    /// connection ends after `lines` lines.
    private static let agent = #"""
        import os, socket, sys, threading
        where, lines, wanted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        if where.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.bind(where)
        else:
            server = socket.create_server(("127.0.0.1", int(where)))
        server.listen()
        got, connections, done = [], 0, threading.Event()
        def serve():
            global connections
            while True:
                connection, _ = server.accept()
                connections += 1
                stream = connection.makefile("rb")
                for _ in range(lines):
                    line = stream.readline()
                    if not line:
                        break
                    got.append(line.decode().rstrip("\n"))
                    if len(got) >= wanted:
                        done.set()
                stream.close()
                connection.close()
        threading.Thread(target=serve, daemon=True).start()
        answer = socket.create_server(("127.0.0.1", 0))
        def report():
            while True:
                connection, _ = answer.accept()
                done.wait()
                connection.sendall(("\n".join([str(connections), *got]) + "\n").encode())
                connection.close()
        threading.Thread(target=report, daemon=True).start()
        port = server.getsockname()[1] if not where.startswith("/") else 0
        print("ready", port, answer.getsockname()[1], flush=True)
        os.read(0, 1)
        os._exit(0)
        """#

    /// How many connections there were, and the lines, once there are as many as are waited for.
    private func report(_ agent: StandIn) throws -> (connections: Int, lines: [String]) {
        let script = """
            import socket, sys
            text = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60).makefile().read()
            print("ready", *text.split("\\n"))
            """
        let words = try StandIn(script, arguments: [agent.words[1]]).words
        return (Int(words.first ?? "") ?? 0, Array(words.dropFirst()))
    }

    @Test func overTCP() throws {
        let agent = try StandIn(Self.agent, arguments: ["0", "1000", "100"])
        let address = try #require(LocalEndpoint("tcp://127.0.0.1:\(agent.words[0])"))
        let sink = SocketSink.start(address, Destination().settings())
        let texts = (0..<100).map { "r\($0)" }
        sink.offer(texts)
        let report = try report(agent)
        #expect(report.lines == texts && report.connections == 1)
        #expect(sink.close() == 0)
    }

    @Test func anAgentThatComesLaterGetsEverything() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/agent.sock"
            let destination = Destination()
            let sink = SocketSink.start(try #require(LocalEndpoint("unix://\(path)")), destination.settings())
            sink.offer(["a", "b"])
            try destination.wait("the failure") { !$0.told.isEmpty }
            #expect(
                destination.told.first == "unix://\(path) does not take records: connect: No such file or directory")
            let agent = try StandIn(Self.agent, arguments: [path, "1000", "2"])
            #expect(try report(agent).lines == ["a", "b"])
            #expect(sink.close() == 0)
            #expect(destination.told.last == .some(nil))
        }
    }

    @Test func anAgentThatWentAwayIsNoticed() throws {
        let agent = try StandIn(Self.agent, arguments: ["0", "1", "3"])
        let address = try #require(LocalEndpoint("tcp://127.0.0.1:\(agent.words[0])"))
        let connection = AgentConnection(address)
        var loss = Loss()
        for text in ["a", "b", "c"] {
            var records = [Record(time: 0, text: text)]
            try connection.deliver(&records, loss: &loss)
            #expect(records.isEmpty)
            let closed = Deadline(secondsFromNow: 60)
            while connection.isConnected, !closed.isPast { sched_yield() }
        }
        let report = try report(agent)
        #expect(report.lines == ["a", "b", "c"] && report.connections == 3)
    }

    /// What is left when the time for a delivery is over goes on with the next one, and on the same connection.
    @Test func anAgentThatReadsSlowly() throws {
        let agent = try StandIn(Self.agent, arguments: ["0", "1000", "3"])
        let address = "tcp://127.0.0.1:\(agent.words[0])"
        let connection = AgentConnection(try #require(LocalEndpoint(address)), limit: 0)
        var records = ["a", "b", "c"].map { Record(time: 0, text: $0) }
        var loss = Loss()
        for rest in [["b", "c"], ["c"]] {
            let failure = #expect(throws: DeliveryFailure.self) { try connection.deliver(&records, loss: &loss) }
            #expect(failure == DeliveryFailure("\(address) takes records too slowly", .retry))
            #expect(records.map(\.text) == rest)
        }
        try connection.deliver(&records, loss: &loss)
        let report = try report(agent)
        #expect(report.lines == ["a", "b", "c"] && report.connections == 1)
    }

    @Test func nobodyListens() throws {
        let connection = AgentConnection(try #require(LocalEndpoint("tcp://127.0.0.1:1")))
        var records = [Record(time: 0, text: "a")]
        var loss = Loss()
        let error = #expect(throws: DeliveryFailure.self) { try connection.deliver(&records, loss: &loss) }
        #expect(error?.remedy == .retry && error?.reason.contains("Connection refused") == true)
        #expect(records.count == 1)
    }
}
