import Glibc
import Testing

@testable import LinuxSystem

@Suite struct SealedMemoryTests {
    @Test(arguments: [[], [1, 2, 0, 3], [UInt8](repeating: 7, count: 300_000)])
    func isReadByItsPath(bytes: [UInt8]) throws {
        let memory = try SealedMemory(bytes)
        for _ in 0..<2 {
            #expect(try BoundedFile.read(path: memory.path, limit: 1 << 20) == bytes)
        }
    }

    @Test func cannotBeChanged() throws {
        let memory = try SealedMemory([1, 2])
        let number = try #require(memory.path.split(separator: "/").last.flatMap { Int32($0) })
        #expect(pwrite(number, [9], 1, 0) == -1 && errno == EPERM)
        #expect(ftruncate(number, 0) == -1 && errno == EPERM)
    }
}
