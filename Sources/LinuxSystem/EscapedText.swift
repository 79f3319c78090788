extension String {
    /// Bytes as text: valid UTF-8 as it is, every other byte as `\xNN`.
    ///
    /// Names, paths and comms are bytes that their owner chooses; nothing is lost and nothing traps.
    package init(escaping bytes: some Collection<UInt8>) {
        if let text = bytes.withContiguousStorageIfAvailable({ String(ascii: $0) }) ?? nil {
            self = text
            return
        }
        if let text = String(validating: bytes, as: UTF8.self) {
            self = text
            return
        }
        var text = ""
        var decoder = UTF8()
        var pending = Array(bytes)[...]
        while let first = pending.first {
            var iterator = pending.makeIterator()
            decoder = UTF8()
            if case .scalarValue(let scalar) = decoder.decode(&iterator) {
                text.unicodeScalars.append(scalar)
                pending = pending.dropFirst(UTF8.width(scalar))
            } else {
                let hex = String(first, radix: 16)
                text += "\\x" + (first < 16 ? "0" : "") + hex
                pending = pending.dropFirst()
            }
        }
        self = text
    }

    /// Nearly all that is read, and checked in a fraction of the time.
    private init?(ascii bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        self.init(decoding: bytes, as: UTF8.self)
    }
}
