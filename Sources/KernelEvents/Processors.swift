import Glibc
import LinuxSystem

/// The CPUs that are online.
enum Processors {
    /// More than any kernel is built for (NR_CPUS, arch/x86/Kconfig).
    static let limit: UInt32 = 8192

    /// Reads `online` in a directory such as `/sys/devices/system/cpu`.
    static func online(in directory: String) throws(KernelEventsError) -> [UInt32] {
        let bytes: [UInt8]
        do {
            let directory = try Descriptor.open(directory, LinuxFlags.path | O_DIRECTORY)
            bytes = try BoundedFile.read("online", in: directory, limit: 65_536)
        } catch let error as SystemError {
            throw .system(error)
        } catch BoundedFile.Failure.system(let error) {
            throw .system(error)
        } catch {
            throw .malformedProcessorList
        }
        return try parse(bytes)
    }

    /// Parses a list such as `0-3,8`, in ascending order (cpulist, cpuset(7), "List format").
    static func parse(_ bytes: [UInt8]) throws(KernelEventsError) -> [UInt32] {
        guard let text = String(validating: bytes, as: UTF8.self), text.last == "\n" else {
            throw .malformedProcessorList
        }
        var processors: [UInt32] = []
        for part in text.dropLast().split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = ends.first.flatMap({ UInt32($0) }), let last = ends.last.flatMap({ UInt32($0) }),
                first <= last, last < limit, processors.last.map({ $0 < first }) ?? true
            else { throw .malformedProcessorList }
            processors.append(contentsOf: first...last)
        }
        return processors
    }
}
