/// A stream socket on this machine, as settings name it.
package struct LocalEndpoint: Sendable, Equatable, CustomStringConvertible {
    let socket: StreamAddress
    package let description: String

    /// `tcp://127.0.0.1:25888`, `tcp://[::1]:25888`, `tcp://localhost:25888` or `unix:///run/agent.sock`; `nil` for
    /// anything else, and for an address that is not on this machine.
    package init?(_ text: String) {
        description = text
        if text.hasPrefix("unix:///") {
            guard let socket = StreamAddress(unix: String(text.dropFirst("unix://".count))) else { return nil }
            self.socket = socket
            return
        }
        guard text.hasPrefix("tcp://"), let colon = text.lastIndex(of: ":"),
            case let digits = text[text.index(after: colon)...], let port = UInt16(digits), port > 0,
            !digits.hasPrefix("+")
        else { return nil }
        let host = text[..<colon].dropFirst("tcp://".count)
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let number = isBracketed ? host.dropFirst().dropLast() : host == "localhost" ? "127.0.0.1" : host
        guard isBracketed == number.contains(":"), let socket = StreamAddress(loopback: String(number), port: port)
        else { return nil }
        self.socket = socket
    }

    /// `tcp://127.0.0.1:PORT`.
    package init(port: UInt16) {
        socket = StreamAddress(loopbackPort: port)
        description = "tcp://127.0.0.1:\(port)"
    }
}
