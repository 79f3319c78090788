import Glibc
import Synchronization

/// Messages to an output whose reader may have stopped to read: what finds no room there is dropped and counted, so that
/// no thread stands still for it.
package final class MessageOutput: Sendable {
    private struct State: Sendable {
        var lines: LineOutput
        var dropped = 0
    }

    private let state: Mutex<State>
    private let patience: Double

    /// - Parameter patience: seconds that a reader may take to make room for a message who has kept up so far.
    package init(_ descriptor: Int32, patience: Double = 0.1) {
        state = Mutex(State(lines: LineOutput(descriptor)))
        self.patience = patience
    }

    /// Writes a message on a line of its own, or drops it.
    ///
    /// - Parameter notice: the message that says how many were dropped before.
    /// - Throws: where the output does not take anything any more.
    package func write(_ message: String, notice: (Int) -> String) throws(SystemError) {
        try state.withLock { state throws(SystemError) in
            let end = Deadline(secondsFromNow: state.dropped == 0 ? patience : 0)
            do throws(SystemError) {
                if state.dropped > 0 { try state.lines.write(Self.line(notice(state.dropped)), until: end) }
                state.dropped = 0
                try state.lines.write(Self.line(message), until: end)
            } catch {
                guard error.errorNumber == ETIMEDOUT else { throw error }
                state.dropped += 1
            }
        }
    }

    private static func line(_ message: String) -> [UInt8] { Array("\(message)\n".utf8) }
}
