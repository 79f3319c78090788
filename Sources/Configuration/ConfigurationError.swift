/// What is wrong with a configuration, and where.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package var file: String
    /// From 1; `nil` where the whole file is meant.
    package var line: Int?
    /// Such as `sinks.file.size`; empty where the whole file is meant.
    package var setting: String
    package var reason: String

    package init(file: String, line: Int? = nil, setting: String = "", reason: String) {
        self.file = file
        self.line = line
        self.setting = setting
        self.reason = reason
    }

    /// Such as `/etc/breakoutd/config.yaml:7: scan.period: expected a duration such as 60s, found "soon"`.
    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return [place, setting, reason].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
