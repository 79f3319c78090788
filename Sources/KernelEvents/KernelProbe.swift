import Glibc
import LinuxSystem
import NodeModel

/// A probe of a function of the kernel (Documentation/trace/kprobetrace.rst): an event whenever the function is called.
///
/// The functions are those that system calls come to whatever way they were made, as far as there are any.
struct KernelProbe: Sendable {
    let kind: Tracepoint.Kind
    /// Of these the first that the kernel has, as they are called by its version.
    let functions: [Function]

    /// A function of the kernel, and what is fetched of its arguments.
    struct Function: Sendable {
        let symbol: String
        let fetches: [String]

        init(_ symbol: String, _ fetches: [String]) {
            self.symbol = symbol
            self.fetches = fetches
        }
    }

    /// The list of probes in tracefs, of every user of it.
    static let list = "kprobe_events"
    private static let group = "breakoutd"
    /// The probe that the daemon tests by a call of its own, for all of them; that call is one that anybody may make.
    static let tested = "\(group)/process_vm_writev"

    init(
        _ name: String, filter: String? = nil, isOptional: Bool = false, _ functions: [Function],
        _ decoder: @escaping @Sendable (TracepointFormat) throws(TracepointError) -> Tracepoint.Decoder
    ) {
        kind = Tracepoint.Kind(
            name: "\(Self.group)/\(name)", filter: filter, isOptional: isOptional, decoder: decoder)
        self.functions = functions
    }

    /// Puts the probe into the kernel; one that is there already is put anew, if nobody listens to it.
    ///
    /// - Parameter mount: tracefs.
    /// - Returns: whether the kernel has one of the functions; `false` only if that is nothing to miss.
    func put(in mount: String) throws(TracepointError) -> Bool {
        remove(from: mount)
        for function in functions {
            let line = "p:\(kind.name) \(function.symbol) \(function.fetches.joined(separator: " "))"
            do throws(SystemError) {
                try Self.write(line, in: mount)
                return true
            } catch {
                // Another process listens to it.
                if error.errorNumber == EEXIST { return true }
                if error.errorNumber != ENOENT { throw .probeRefused(error) }
            }
        }
        if kind.isOptional { return false }
        throw .noFunction(functions.map(\.symbol))
    }

    /// Takes the probe out of the kernel; it stays while anybody listens to it.
    func remove(from mount: String) { try? Self.write("-:\(kind.name)", in: mount) }

    /// Never truncating: that takes out the probes of everybody.
    private static func write(_ line: String, in mount: String) throws(SystemError) {
        let path = "\(mount)/\(list)"
        let file = try Descriptor.open(path, O_WRONLY | O_APPEND)
        let bytes = Array((line + "\n").utf8)
        let written = retrying { Glibc.write(file.number, bytes, bytes.count) }
        if written < 0 { throw SystemError(errorNumber: errno, call: "write", path: path) }
    }
}
