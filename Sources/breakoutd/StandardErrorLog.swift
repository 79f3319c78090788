import Glibc
import LinuxSystem
import Logging
import Reports

/// Messages of the daemon itself to standard error, with the priority that journald takes from there (sd-daemon(3)).
///
/// None is waited for longer than a tenth of a second, in whichever thread: what nobody reads is dropped. A journald that was stopped and started does not
/// know that connection any more: then they are entries.
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice
    private let journal = MessageSocket(to: JournalReport.defaultSocket)

    init(label: String) {}

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    private static let isReadByJournal = JournalStream.isOtherEnd(of: STDERR_FILENO)
    private static let output = MessageOutput(STDERR_FILENO)

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
        let text = TerminalText.escaped("\(event.message)")
        do {
            try Self.output.write(Self.prefix(priority) + text) { count in
                "\(Self.prefix(4))Dropped before this one, as nobody read standard error: \(count) messages"
            }
        } catch {
            let fields = [("MESSAGE", text), ("PRIORITY", "\(priority)"), ("SYSLOG_IDENTIFIER", "breakoutd")]
            try? journal?.send(JournalReport.datagram(fields))
        }
    }

    private static func prefix(_ priority: Int) -> String { isReadByJournal ? "<\(priority)>" : "breakoutd: " }
}
