import Testing

@testable import AWS

@Suite struct LogEventTests {
    /// An event that counts `size` bytes.
    private static func event(_ time: Int64, size: Int) -> LogEvent {
        LogEvent(time: time, message: String(repeating: "x", count: size - 26))
    }

    private static let quarter = event(0, size: 262_144)
    private static let day: Int64 = 86_400_000

    static let boundaries: [(name: String, events: [LogEvent], batches: [Int], unfit: Int)] = [
        ("nothing", [], [], 0),
        ("one character", [LogEvent(time: 0, message: "x")], [1], 0),
        ("no character", [LogEvent(time: 0, message: "")], [], 1),
        ("the longest event", [quarter], [1], 0),
        ("one byte more", [event(0, size: 262_145)], [], 1),
        (
            "two bytes a character",
            [LogEvent(time: 0, message: String(repeating: "ü", count: (262_144 - 26) / 2 + 1))], [], 1
        ),
        ("a full batch", Array(repeating: quarter, count: 4), [4], 0),
        (
            "one byte over", Array(repeating: quarter, count: 3) + [event(0, size: 262_118), event(0, size: 27)],
            [4, 1], 0
        ),
        (
            "a full batch with a small one",
            [event(0, size: 262_117), event(0, size: 27)] + [quarter, quarter, quarter], [5], 0
        ),
        ("10,000 events", Array(repeating: LogEvent(time: 0, message: "x"), count: 10_000), [10_000], 0),
        ("10,001 events", Array(repeating: LogEvent(time: 0, message: "x"), count: 10_001), [10_000, 1], 0),
        ("a day", [LogEvent(time: 5, message: "a"), LogEvent(time: 5 + day, message: "b")], [2], 0),
        (
            "a day and a millisecond", [LogEvent(time: 5, message: "a"), LogEvent(time: 6 + day, message: "b")],
            [1, 1], 0
        ),
        ("before 1970", [LogEvent(time: -1, message: "a")], [], 1),
        ("all of time", [LogEvent(time: .max, message: "a"), LogEvent(time: .min, message: "b")], [1], 1),
    ]

    @Test(arguments: boundaries)
    func boundary(name: String, events: [LogEvent], batches: [Int], unfit: Int) {
        let parted = LogEventBatches(events)
        #expect(parted.batches.map(\.count) == batches)
        #expect(parted.unfit == unfit)
        for batch in parted.batches { #expect(batch.reduce(0) { $0 + $1.size } <= 1_048_576) }
    }

    @Test func chronologicalAndStable() {
        let events = [(3, "a"), (1, "b"), (3, "c"), (2, "d"), (1, "e"), (3, "f")].map {
            LogEvent(time: Int64($0.0), message: $0.1)
        }
        #expect(LogEventBatches(events).batches.map { $0.map(\.message) } == [["b", "e", "d", "a", "c", "f"]])
    }
}
