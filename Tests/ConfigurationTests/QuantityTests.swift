import Testing

@testable import Configuration

@Suite struct QuantityTests {
    static let durations: [(text: String, milliseconds: Int64?)] = [
        ("60s", 60_000), ("500ms", 500), ("1m 30s", 90_000), ("1m30s", 90_000), ("2min", 120_000), ("1 h", 3_600_000),
        (" 1d ", 86_400_000), ("2 hours 5 seconds", 7_205_000), ("0s", 0), ("366d", 31_622_400_000),
        ("367d", nil), ("", nil), (" ", nil), ("s", nil), ("60", nil), ("-1s", nil), ("+1s", nil), ("1.5s", nil),
        ("1x", nil), ("1S", nil), ("1s,", nil), ("1s 2", nil), ("99999999999999999999s", nil),
        ("9223372036854775807d", nil), ("366d 1ms", nil), ("1\u{a0}s", nil), ("１s", nil),
    ]

    @Test(arguments: durations)
    func duration(text: String, milliseconds: Int64?) { #expect(Quantity.milliseconds(text) == milliseconds) }

    static let sizes: [(text: String, bytes: Int64?)] = [
        ("64MiB", 67_108_864), ("64M", 67_108_864), ("1G", 1_073_741_824), ("1 GiB 1K", 1_073_742_848), ("5B", 5),
        ("1024GiB", 1 << 40), ("1025GiB", nil), ("64MB", nil), ("64m", nil), ("64", nil), ("M", nil), ("-1M", nil),
        ("9223372036854775807G", nil), ("1T", nil),
    ]

    @Test(arguments: sizes)
    func size(text: String, bytes: Int64?) { #expect(Quantity.bytes(text) == bytes) }
}
