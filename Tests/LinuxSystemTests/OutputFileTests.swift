import Foundation
import Glibc
import LinuxSystem
import Testing

@Suite struct OutputFileTests {
    private func entries(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
    }

    @Test func replaceWhole() throws {
        try withScratch { scratch in
            let path = "\(scratch)/out"
            try write("a longer text that was there before", to: path)
            let bytes = [UInt8](repeating: 7, count: 1 << 20)
            try OutputFile.replace(path, with: bytes)
            #expect(try BoundedFile.read(path: path, limit: 2 << 20) == bytes)
            #expect(try entries(scratch) == ["out"])
            var status = stat()
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    /// A link is replaced by the file; what it named keeps its content.
    @Test func linkIsNotFollowed() throws {
        try withScratch { scratch in
            try write("kept", to: "\(scratch)/target")
            #expect(symlink("target", "\(scratch)/out") == 0)
            try OutputFile.replace("\(scratch)/out", with: [1])
            #expect(try BoundedFile.read(path: "\(scratch)/target", limit: 16) == Array("kept".utf8))
            #expect(try BoundedFile.read(path: "\(scratch)/out", limit: 16) == [1])
        }
    }

    @Test func failuresLeaveNothingBehind() throws {
        try withScratch { scratch in
            try makeDirectory("\(scratch)/directory")
            #expect(throws: SystemError(errorNumber: EISDIR, call: "rename", path: "\(scratch)/directory")) {
                try OutputFile.replace("\(scratch)/directory", with: [1])
            }
            #expect(throws: SystemError(errorNumber: ENOENT, call: "open", path: "\(scratch)/absent/out")) {
                try OutputFile.replace("\(scratch)/absent/out", with: [1])
            }
            #expect(try entries(scratch) == ["directory"])
        }
    }

    @Test func fullDevice() throws {
        let device = try Descriptor.open("/dev/full", O_WRONLY)
        let number = device.number
        #expect(throws: SystemError(errorNumber: ENOSPC, call: "write", path: "/dev/full")) {
            try OutputFile.write([1], to: number, path: "/dev/full")
        }
        _ = device.number
    }
}
