/// Cuts a stream of bytes into lines of a bounded length.
struct LineBuffer {
    private var pending: [UInt8] = []
    /// How much of `pending` has no line end.
    private var searched = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Adds bytes and hands on every line that they complete, without its end and without empty ones.
    mutating func add(
        _ chunk: UnsafeRawBufferPointer, _ line: (ArraySlice<UInt8>) throws(APIError) -> Void
    ) throws(APIError) {
        pending.append(contentsOf: chunk)
        var start = 0
        while let end = pending[max(start, searched)...].firstIndex(of: UInt8(ascii: "\n")) {
            if end > start { try line(pending[start..<end]) }
            start = end + 1
        }
        pending.removeSubrange(..<start)
        searched = pending.count
        guard pending.count <= limit else { throw .eventTooLong(limit: limit) }
    }
}
