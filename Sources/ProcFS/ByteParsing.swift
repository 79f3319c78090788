import Glibc

extension [UInt8] {
    /// Whether the bytes are the same, compared as blocks.
    func hasBytes(of other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let address = other.baseAddress else { return count == other.count }
        return withUnsafeBytes { $0.baseAddress.map { memcmp($0, address, other.count) == 0 } ?? true }
    }

    /// The same of another array.
    package func hasBytes(of other: [UInt8]) -> Bool { other.withUnsafeBytes { hasBytes(of: $0) } }
}

/// Reads numbers and fields from raw bytes, without allocation.
struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position >= bytes.count }

    /// Whether a field is whole here: a blank or line break follows, which the kernel writes after each one.
    var isAtFieldEnd: Bool {
        current == UInt8(ascii: " ") || current == UInt8(ascii: "\t") || current == UInt8(ascii: "\n")
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipBlanks() {
        while let byte = current, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
    }

    /// Moves behind the current field and the blanks after it.
    mutating func skipField() {
        while let byte = current, byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t"), byte != UInt8(ascii: "\n") {
            position += 1
        }
        skipBlanks()
    }

    /// Moves behind the next line break.
    mutating func skipLine() {
        guard let start = bytes.baseAddress, !isAtEnd else { return }
        let end = memchr(start + position, Int32(UInt8(ascii: "\n")), bytes.count - position)
        position = end.map { UnsafeRawPointer($0) - start + 1 } ?? bytes.count
    }

    /// An unsigned number in decimal; `nil` without a digit or above the type's range.
    mutating func decimal<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type) -> Number? {
        var value: Number = 0
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Number(byte - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            value = sum
            position += 1
        }
        return position > start ? value : nil
    }

    /// An unsigned number in hexadecimal digits; `nil` without a digit or above 64 bits.
    mutating func hexadecimal() -> UInt64? {
        var value: UInt64 = 0
        let start = position
        while let byte = current, let digit = Self.hexDigit(byte) {
            if value >> 60 != 0 { return nil }
            value = value << 4 | digit
            position += 1
        }
        return position > start ? value : nil
    }

    static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Whether the text at the cursor is `text`; if so the cursor moves behind it.
    mutating func accept(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] { return false }
        position += count
        return true
    }
}
