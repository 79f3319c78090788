import Glibc

/// What standard output is connected to.
package enum Terminal {
    /// The columns of the terminal, of `COLUMNS` where there is none, else 100.
    package static var width: Int {
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return environment("COLUMNS").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } ?? 100
    }

    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Colour is for terminals, and for nobody who sets `NO_COLOR` to anything or has a terminal that is `dumb`.
    package static var hasColour: Bool {
        guard isTerminal, environment("TERM") != "dumb" else { return false }
        return environment("NO_COLOR").map(\.isEmpty) ?? true
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
