@testable import ProcFS

/// Calls a parser with the bytes of a text or file.
func parsing<Result>(
    _ bytes: [UInt8], _ parse: (UnsafeRawBufferPointer) throws(ProcFSError) -> Result
) throws(ProcFSError) -> Result {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    return try parse(UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count]))
}

func parsing<Result>(
    _ text: String, _ parse: (UnsafeRawBufferPointer) throws(ProcFSError) -> Result
) throws(ProcFSError) -> Result {
    try parsing(Array(text.utf8), parse)
}
