/// A task's own choice of name, in place: at most 15 bytes of any value but 0 (TASK_COMM_LEN, include/linux/sched.h).
package struct TaskName: Sendable, Hashable {
    /// The first eight bytes and the others, the first of each in its lowest bits; zeros after the last.
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// The longest name in bytes; a longer text is cut here.
    package static let limit = 15

    /// Takes the bytes before the first 0.
    package init(_ bytes: UnsafeRawBufferPointer) {
        for index in 0..<min(bytes.count, Self.limit) {
            let byte = UInt64(bytes[index])
            if byte == 0 { break }
            if index < 8 { low |= byte << (index * 8) } else { high |= byte << (index * 8 - 64) }
        }
    }

    /// Takes the bytes of a text before the first 0.
    package init(_ text: String) { self = Array(text.utf8).withUnsafeBytes { Self($0) } }

    package var bytes: [UInt8] {
        let all =
            (0..<8).map { UInt8(truncatingIfNeeded: low >> ($0 * 8)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: high >> ($0 * 8)) }
        return Array(all.prefix { $0 != 0 })
    }

    /// The name for people, as `NodeTask.comm` has it: bytes that are no UTF-8 written `\xNN`.
    package var text: String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            // A character of UTF-8 has one to four bytes.
            let character = (1...4).lazy.compactMap { String(validating: rest.prefix($0), as: UTF8.self) }.first
            text += character ?? "\\x" + (first < 16 ? "0" : "") + String(first, radix: 16)
            rest = rest.dropFirst(character?.utf8.count ?? 1)
        }
        return text
    }
}
