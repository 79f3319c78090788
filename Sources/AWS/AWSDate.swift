import FoundationEssentials

/// A time as AWS writes it.
struct AWSDate {
    /// Such as `20150830T123600Z`.
    let text: String
    /// Such as `20150830`.
    var day: String { String(text.prefix(8)) }

    /// From seconds since 1970; a time outside the years 1970 to 9999 becomes the nearest in them.
    init(_ time: Int64) {
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted, timeZone: .gmt)
        text = Date(timeIntervalSince1970: Double(min(max(time, 0), Self.last))).formatted(style)
    }

    /// Seconds since 1970 of a time such as `2015-08-30T12:36:00Z`, or `nil` if it is none.
    static func seconds(_ text: String) -> Int64? {
        let styles = [false, true].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
        for style in styles {
            guard let date = try? style.parse(text) else { continue }
            let seconds = Int64(exactly: date.timeIntervalSince1970.rounded(.down))
            return seconds.flatMap { (0...last).contains($0) ? $0 : nil }
        }
        return nil
    }

    private static let last: Int64 = 253_402_300_799
}
