import Glibc
import LinuxSystem

/// Where the fields of a tracepoint's record are, as tracefs describes them (Documentation/trace/events.rst, "Event
/// formats"); they differ between kernels.
struct TracepointFormat: Equatable {
    /// What stands in a record's `common_type`, and names the tracepoint to perf_event_open(2).
    var id: UInt16
    var fields: [String: Field]

    /// A field of a record.
    struct Field: Equatable {
        var offset: Int
        /// In bytes.
        var size: Int
        var isSigned: Bool
        /// Not the value but where it is: its offset in the lower 16 bits and its size in the upper ones (`__data_loc`,
        /// include/trace/stages/stage1_struct_define.h).
        var isLocation: Bool
    }

    /// More than any tracepoint has; the longest files have a few kilobytes.
    static let fieldLimit = 256
    static let sizeLimit = 65_536

    /// Reads `id` and `format` of a directory such as `/sys/kernel/tracing/events/cgroup/cgroup_attach_task`.
    init(in directory: String) throws(TracepointError) {
        let id: [UInt8]
        let format: [UInt8]
        do {
            let entry = try Descriptor.open(directory, LinuxFlags.path | O_DIRECTORY)
            id = try BoundedFile.read("id", in: entry, limit: 32)
            format = try BoundedFile.read("format", in: entry, limit: Self.sizeLimit)
        } catch let error as SystemError {
            throw .unreadable(error.reason)
        } catch let error as BoundedFile.Failure {
            throw .unreadable(error.reason)
        } catch {
            throw .malformed
        }
        try self.init(id: id, format: format)
    }

    init(id: [UInt8], format: [UInt8]) throws(TracepointError) {
        guard let text = String(validating: id, as: UTF8.self), text.last == "\n", let id = UInt16(text.dropLast()),
            let format = String(validating: format, as: UTF8.self)
        else { throw .malformed }
        self.id = id
        fields = [:]
        for line in format.split(separator: "\n") where line.hasPrefix("\tfield:") {
            guard let (name, field) = Self.field(line), fields.updateValue(field, forKey: name) == nil,
                fields.count <= Self.fieldLimit
            else { throw .malformed }
        }
    }

    /// A line such as `field:__data_loc char[] name;⇥offset:12;⇥size:4;⇥signed:0;`.
    private static func field(_ line: Substring) -> (name: String, Field)? {
        let parts = line.split(separator: ";").map { $0.drop { $0 == "\t" } }
        guard parts.count == 4, let offset = number(parts[1], after: "offset:"),
            let size = number(parts[2], after: "size:"), let sign = number(parts[3], after: "signed:"), sign <= 1,
            // A C declaration: the name is its last word, and an array's length follows it.
            let name = parts[0].dropFirst("field:".count).split(separator: " ").last?.prefix(while: { $0 != "[" }),
            !name.isEmpty
        else { return nil }
        return (
            String(name),
            Field(
                offset: offset, size: size, isSigned: sign == 1, isLocation: parts[0].hasPrefix("field:__data_loc "))
        )
    }

    private static func number(_ text: Substring, after prefix: String) -> Int? {
        guard text.hasPrefix(prefix) else { return nil }
        return UInt16(text.dropFirst(prefix.count)).map(Int.init)
    }
}

extension TracepointFormat {
    /// A field of four bytes that is a number.
    func number(_ name: String) throws(TracepointError) -> Int {
        guard let field = fields[name], !field.isLocation, field.size == 4 else { throw .malformed }
        return field.offset
    }

    /// A field that says where a text is.
    func text(_ name: String) throws(TracepointError) -> Int {
        guard let field = fields[name], field.isLocation, field.size == 4 else { throw .malformed }
        return field.offset
    }
}
