import CSystemd
import FoundationEssentials
import LinuxSystem

/// What systemd is told with sd_notify(3); nothing where it did not start the daemon.
package struct ServiceManager: Sendable {
    /// sd_notify(3) needs a descriptor each time, and without any the watchdog would end a daemon that works.
    private let socket: MessageSocket?

    /// - Parameter path: where systemd listens, as it says to what it starts.
    package init(socket path: String? = ProcessInfo.processInfo.environment["NOTIFY_SOCKET"]) {
        socket = path.flatMap { MessageSocket(to: $0) }
    }

    /// - Parameters:
    ///   - state: further assignments such as `READY=1`.
    ///   - status: one line for people (STATUS=).
    package func tell(_ state: String? = nil, status: String? = nil) {
        // A newline would begin another assignment.
        let line = status.map { text in "STATUS=" + String(text.map { $0.isNewline ? " " : $0 }) }
        let lines = [state, line].compactMap { $0 }
        guard !lines.isEmpty else { return }
        let text = lines.joined(separator: "\n")
        if let socket { try? socket.send(text) } else { _ = systemd_notify(text) }
    }

    /// Keeps the watchdog quiet (WatchdogSec=, systemd.service(5)).
    func beat() { tell("WATCHDOG=1") }

    /// Tells that a reload is under way; a manager that knows Type=notify-reload (systemd 253) wants the time with it.
    func tellReloading() {
        tell("RELOADING=1\nMONOTONIC_USEC=\(Clock.monotonicMicroseconds())", status: "Reading the configuration anew")
    }
}
