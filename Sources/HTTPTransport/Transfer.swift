import LinuxSystem

/// One request on its way: what libcurl's callbacks collect and decide.
final class Transfer {
    /// More than any server sends: most refuse requests with 8 KiB of headers and answer with less.
    static let headerLimit = 65_536
    /// Takes a part of the body, before the first one nothing; false ends the transfer.
    typealias Sink = (UnsafeRawBufferPointer) -> Bool

    private(set) var status: Int?
    private(set) var headers: [HTTPHeader] = []
    private(set) var body: [UInt8] = []
    /// Why a callback ended the transfer.
    private(set) var failure: HTTPError?
    /// The sink ended the transfer.
    private(set) var isStopped = false

    private let bodyLimit: Int
    private let idleMicroseconds: Int64?
    private let cancellation: HTTPCancellation?
    private let sink: Sink?
    private var headerBytes = 0
    private var bytesMoved: Int64 = -1
    private var lastMove = Clock.monotonicMicroseconds()

    init(_ request: HTTPRequest, cancellation: HTTPCancellation?, sink: Sink?) {
        bodyLimit = request.bodyLimit
        idleMicroseconds = request.timeouts.idle.map { Int64(clamping: HTTPTimeouts.milliseconds($0)) * 1000 }
        self.cancellation = cancellation
        self.sink = sink
    }

    /// Takes one line of a header, line break included; false ends the transfer.
    func receive(headerLine line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.headerLimit else { return fail(.headersTooLarge(limit: Self.headerLimit)) }
        noteMove()
        let text = line.drop(while: { $0 == 0x20 || $0 == 0x09 })
        let isContinued = text.startIndex > 0
        let content = String(escaping: text.prefix { $0 != 0x0D && $0 != 0x0A })
        if content.isEmpty { return begin() }
        if isContinued, !headers.isEmpty {
            headers[headers.count - 1].value += " " + content
            return true
        }
        if content.hasPrefix("HTTP/") { return receive(statusLine: content) }
        guard let colon = content.firstIndex(of: ":") else {
            return fail(.malformedResponse(reason: "a header line without a colon"))
        }
        headers.append(
            HTTPHeader(String(content[..<colon]), Self.trimmed(content[content.index(after: colon)...])))
        return true
    }

    /// The headers are complete: a sink hears of a response that has no body yet.
    private func begin() -> Bool {
        guard let sink, let status, (200..<300).contains(status) else { return true }
        isStopped = !sink(UnsafeRawBufferPointer(start: nil, count: 0))
        return !isStopped
    }

    /// Takes a part of the body; false ends the transfer.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard let status else { return fail(.malformedResponse(reason: "no status line")) }
        if let sink, (200..<300).contains(status) {
            isStopped = !sink(bytes)
            return !isStopped
        }
        guard bytes.count <= bodyLimit - body.count else { return fail(.bodyTooLarge(limit: bodyLimit)) }
        body.append(contentsOf: bytes)
        return true
    }

    /// Looks at the clock and the cancellation; false ends the transfer.
    func progress(bytesMoved: Int64) -> Bool {
        if cancellation?.isCancelled == true { return fail(.cancelled) }
        if bytesMoved != self.bytesMoved {
            self.bytesMoved = bytesMoved
            noteMove()
        } else if let idleMicroseconds, Clock.monotonicMicroseconds() - lastMove >= idleMicroseconds {
            return fail(.stalled)
        }
        return true
    }

    /// A response follows another one only after a status of 1xx.
    private func receive(statusLine line: String) -> Bool {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count > 1, words[1].utf8.count == 3, let status = Int(words[1]), (100..<600).contains(status)
        else {
            return fail(.malformedResponse(reason: "not a status line"))
        }
        self.status = status
        headers = []
        return true
    }

    private func noteMove() { lastMove = Clock.monotonicMicroseconds() }

    private func fail(_ error: HTTPError) -> Bool {
        failure = error
        return false
    }

    private static func trimmed(_ value: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        guard let first = value.firstIndex(where: { !isBlank($0) }),
            let last = value.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(value[first...last])
    }
}

extension HTTPTimeouts {
    /// At least one, because libcurl takes 0 for no limit, and at most 12 days.
    static func milliseconds(_ seconds: Double) -> Int {
        seconds > 0.001 ? Int(min(seconds, 1_000_000) * 1000) : 1
    }
}
