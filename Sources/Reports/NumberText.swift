/// Numbers for people, without the rules of a locale.
enum NumberText {
    /// `1,904 threads`, `1 pod`.
    static func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")"
    }

    /// Digits in groups of three.
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }

    /// Microseconds as seconds with two decimals.
    static func seconds(microseconds: Int64) -> String {
        let value = max(microseconds, 0) / 10_000
        let fraction = String(value % 100)
        return "\(grouped(Int(value / 100))).\(fraction.utf8.count < 2 ? "0" : "")\(fraction)"
    }
}
