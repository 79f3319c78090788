package import Foundation
import Glibc

extension Pipe {
    /// What it holds now, taken out of it.
    package func contents() -> String {
        let reader = fileHandleForReading.fileDescriptor
        guard fcntl(reader, F_SETFL, O_NONBLOCK) == 0 else { return "" }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(reader, &part, part.count), count > 0 { bytes += part[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
