import Glibc
import LinuxSystem
import Logging
import Reports

/// Messages of the daemon itself to standard error, with the priority that journald takes from there (sd-daemon(3)).
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    init(label: String) {}

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let priority =
            switch event.level {
            case .trace, .debug: 7
            case .info: 6
            case .notice: 5
            case .warning: 4
            case .error: 3
            case .critical: 2
            }
        let prefix = isatty(STDERR_FILENO) == 1 ? "breakoutd: " : "<\(priority)>"
        try? OutputFile.write(Array("\(prefix)\(TerminalText.escaped("\(event.message)"))\n".utf8), to: STDERR_FILENO)
    }
}
