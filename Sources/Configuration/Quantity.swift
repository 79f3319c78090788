/// Durations and sizes as people write them in configurations.
enum Quantity {
    /// Milliseconds of a duration such as `60s`, `1m 30s` or `500ms`, in the units of systemd.time(7).
    ///
    /// `nil` for anything else, and for what is longer than a year.
    static func milliseconds(_ text: String) -> Int64? {
        let units: [String: Int64] = [
            "ms": 1, "msec": 1, "s": 1000, "sec": 1000, "second": 1000, "seconds": 1000, "m": 60_000, "min": 60_000,
            "minute": 60_000, "minutes": 60_000, "h": 3_600_000, "hr": 3_600_000, "hour": 3_600_000,
            "hours": 3_600_000, "d": 86_400_000, "day": 86_400_000, "days": 86_400_000,
        ]
        return sum(text, units, limit: 366 * 86_400_000)
    }

    /// Bytes of a size such as `64MiB` or `64M`: the units count by 1024, as systemd's do (systemd.syntax(7)).
    ///
    /// `nil` for anything else, and for what is larger than a tebibyte.
    static func bytes(_ text: String) -> Int64? {
        let units: [String: Int64] = [
            "B": 1, "K": 1 << 10, "KiB": 1 << 10, "M": 1 << 20, "MiB": 1 << 20, "G": 1 << 30, "GiB": 1 << 30,
        ]
        return sum(text, units, limit: 1 << 40)
    }

    /// Whole numbers with a unit each, one after the other.
    private static func sum(_ text: String, _ units: [String: Int64], limit: Int64) -> Int64? {
        var total: Int64 = 0
        var rest = text.utf8[...]
        func skipSpaces() { rest = rest.drop { $0 == UInt8(ascii: " ") } }
        repeat {
            skipSpaces()
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(digits.count)
            skipSpaces()
            let name = rest.prefix { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) && $0 != UInt8(ascii: " ") }
            rest = rest.dropFirst(name.count)
            guard let number = Int64(Substring(digits)), let unit = units[String(Substring(name))] else { return nil }
            let (part, isTooLarge) = number.multipliedReportingOverflow(by: unit)
            guard !isTooLarge, part <= limit - total else { return nil }
            total += part
            skipSpaces()
        } while !rest.isEmpty
        return total
    }
}
