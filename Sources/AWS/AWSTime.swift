import FoundationEssentials

/// Times in the forms of AWS, as seconds since 1970.
enum AWSTime {
    /// Years 1970 to 9999, because four digits are all that the forms have.
    private static let range: ClosedRange<Int64> = 0...253_402_300_799

    /// Such as `20150830T123600Z`; its first 8 characters are the date.
    static func compact(_ seconds: Int64) -> String {
        let bounded = min(max(seconds, range.lowerBound), range.upperBound)
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        return Date(timeIntervalSince1970: Double(bounded)).formatted(style)
    }

    /// Takes `2015-08-30T12:36:00Z`, with or without a fraction, which is dropped.
    static func parse(_ text: String) -> Int64? {
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        let dates = styles.lazy.compactMap { try? Date(text, strategy: $0) }
        guard let seconds = dates.first?.timeIntervalSince1970, seconds >= 0, seconds <= Double(range.upperBound)
        else { return nil }
        return Int64(seconds)
    }
}
