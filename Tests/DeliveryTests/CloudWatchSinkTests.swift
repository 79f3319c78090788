import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Delivery

@Suite(
    .enabled(
        if: StandIn.isAvailable && BenchPython.hasBotocore, "needs packaging/bench/setup, for botocore and moto"))
struct CloudWatchSinkTests {
    private func start(
        _ endpoint: String, _ directory: TemporaryDirectory, _ destination: Destination, limit: Int = 1 << 20,
        records: Int = 1000, environment: [String: String] = LogService.keys
    ) -> QueuedSink {
        CloudWatchSink.start(
            region: "eu-central-1", to: LogService.destination(endpoint),
            spool: "\(directory.path)/spool", spoolLimit: limit, environment: environment,
            destination.settings(records: records))
    }

    private static let start = Clock.wallMilliseconds() - 60_000

    private func offer(_ numbers: Range<Int>, to sink: QueuedSink) {
        for number in numbers { sink.offer(Record(time: Self.start + Int64(number), text: "r\(number)")) }
    }

    private func waitUntilDelivered(_ count: Int, by sink: QueuedSink) throws {
        let deadline = Deadline(secondsFromNow: 60)
        while sink.state.delivered < count, !deadline.isPast { sched_yield() }
        try #require(sink.state.delivered == count)
    }

    static let faults: [(name: String, faults: [String], told: [String?])] = [
        ("none", [], []),
        (
            "throttled and down", ["throttle", "500", "html-503"],
            [
                "CloudWatch Logs is not available: ThrottlingException",
                "CloudWatch Logs is not available: InternalFailure", "CloudWatch Logs is not available: status 503",
                nil,
            ]
        ),
        (
            "denied is said once", ["denied", "denied", "denied"],
            [
                "CloudWatch Logs denies access: AccessDeniedException no denied", nil,
            ]
        ),
        (
            "pages of a proxy", ["html-403", "html-404", "html-451"],
            [
                "CloudWatch Logs denies access: status 403 ", "CloudWatch Logs refuses it: status 404 ",
                "CloudWatch Logs refuses it: status 451 ", nil,
            ]
        ),
        ("expired once is not worth a word", ["expired"], []),
        (
            "expired for longer", ["expired", "expired"],
            ["CloudWatch Logs does not take the credentials: ExpiredTokenException", nil]
        ),
    ]

    @Test(arguments: faults)
    func everythingArrivesInOrder(name: String, faults: [String], told: [String?]) throws {
        try TemporaryDirectory.with { directory in
            let service = try LogService(faults: faults)
            let destination = Destination()
            let sink = start(service.endpoint, directory, destination, environment: service.environment)
            offer(0..<25, to: sink)
            try waitUntilDelivered(25, by: sink)
            #expect(sink.close() == 0)
            #expect(try service.messages() == (0..<25).map { "r\($0)" })
            #expect(destination.told == told)
            #expect(sink.state.lost == 0 && sink.state.spoolBytes == 0)
        }
    }

    /// A record a minute for an hour, and as many attempts in vain; the daemon is started anew in the middle of it.
    @Test func anHourWithoutTheService() throws {
        try TemporaryDirectory.with { directory in
            let answers = ["500", "throttle", "html-503"]
            let service = try LogService(faults: (0..<60).map { answers[$0 % 3] })
            let destination = Destination()
            let texts = (0..<60).map { "minute-\($0)" }
            func offer(_ minutes: Range<Int>, to sink: QueuedSink) {
                for minute in minutes {
                    sink.offer(Record(time: Self.start - Int64(60 - minute) * 60_000, text: texts[minute]))
                }
            }
            let first = start(service.endpoint, directory, destination)
            offer(0..<30, to: first)
            try destination.wait("the outage") { !$0.told.isEmpty }
            #expect(first.close() == 0)
            let second = start(service.endpoint, directory, destination)
            offer(30..<60, to: second)
            let end = Deadline(secondsFromNow: 60)
            while first.state.delivered + second.state.delivered < 60, !end.isPast { sched_yield() }
            #expect(second.close() == 0)
            #expect(try service.messages() == texts)
            #expect(first.state.lost == 0 && second.state.lost == 0)
        }
    }

    @Test func anOutageLosesOnlyWhatIsBeyondTheBound() throws {
        try TemporaryDirectory.with { directory in
            let port = try LogService.freePort()
            let destination = Destination()
            let sink = start("http://127.0.0.1:\(port)", directory, destination, limit: 400, records: 3)
            var count = 0
            while !destination.told.contains(where: { $0?.contains("bound of 400 bytes") == true }) {
                try #require(count < 100)
                offer(count..<count + 1, to: sink)
                count += 1
                let deadline = Deadline(secondsFromNow: 60)
                while sink.state.spoolBytes < count * 35, !deadline.isPast,
                    !destination.told.contains(where: { $0?.contains("bound of 400 bytes") == true })
                { sched_yield() }
            }
            #expect(count > 8)
            offer(count..<count + 7, to: sink)
            let service = try LogService(port: port)
            try waitUntilDelivered(count + 4, by: sink)
            #expect(sink.close() == 0)
            let expected = (0..<count + 3).map { "r\($0)" } + [#"lost ["queue-full 4"]"#]
            #expect(try service.messages() == expected)
            #expect(destination.told.first??.contains("not connected") == true)
            #expect(destination.told.last == .some(nil))
            #expect(sink.state.lost == 4)
        }
    }

    @Test func whatTheServiceNeverTakesIsCounted() throws {
        try TemporaryDirectory.with { directory in
            let service = try LogService(faults: ["invalid"])
            let destination = Destination()
            let sink = start(service.endpoint, directory, destination)
            offer(0..<1, to: sink)
            try destination.wait("the refusal") { $0.told.count >= 1 }
            sink.offer(Record(time: Self.start, text: ""))
            sink.offer(Record(time: Self.start, text: String(repeating: "x", count: 300_000)))
            sink.offer(Record(time: -1, text: "before 1970"))
            offer(1..<2, to: sink)
            let deadline = Deadline(secondsFromNow: 60)
            while sink.state.lost < 4 || sink.state.spoolBytes > 0, !deadline.isPast { sched_yield() }
            #expect(sink.close() == 0)
            let messages = try service.messages()
            #expect(messages.first == "r1")
            #expect(
                Set(messages.dropFirst().joined(separator: "_").split { "_[]\", ".contains($0) })
                    .isSuperset(of: ["lost", "refused", "unfit"]))
            #expect(sink.state.lost == 4)
            #expect(
                destination.told == [
                    "CloudWatch Logs refuses it: InvalidParameterException no invalid", nil,
                ])
        }
    }
}
