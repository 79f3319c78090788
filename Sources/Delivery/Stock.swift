/// What was taken from the queue and is not delivered yet; on the sink's thread alone.
protocol Stock: AnyObject {
    /// How many records it takes at the moment.
    var room: Int { get }
    /// Records that would go with the program.
    var inMemory: Int { get }
    var bytesOnDisk: Int { get }
    var isEmpty: Bool { get }
    /// Why it cannot keep records as it should, such as a full disk.
    var problem: String? { get }
    /// What is not stated yet of all that was lost; a stock on disk keeps it over a restart.
    var unstated: Loss { get set }
    func add(_ records: [Record])
    /// The next records to deliver, the same ones until they are removed; what is no record is counted in `unstated`.
    func front() -> [Record]
    func removeFront()
    /// Is given what is left of the front when it could not be delivered, and keeps that on disk if it can.
    ///
    /// - Returns: whether the front is another one now.
    func putAside(_ rest: [Record]) -> Bool
}

extension Stock {
    func putAside(_ rest: [Record]) -> Bool { false }
}

/// One batch, for a sink that has no spool: everything else waits in the queue, whose bound it is.
final class MemoryStock: Stock {
    private var records: [Record] = []
    var unstated = Loss()

    static let batch = 500

    var room: Int { records.isEmpty ? Self.batch : 0 }
    var inMemory: Int { records.count }
    var bytesOnDisk: Int { 0 }
    var isEmpty: Bool { records.isEmpty }
    var problem: String? { nil }

    func add(_ records: [Record]) { self.records += records }
    func front() -> [Record] { records }
    func removeFront() { records = [] }
}

/// A spool, and in memory the one batch that it has no room for: a full disk keeps nothing from being delivered.
final class SpoolStock: Stock {
    private let spool: Spool
    private var held: [Record] = []
    private var isHeldInFront = false
    private var writeProblem: String?
    private var readProblem: String?

    init(_ spool: Spool) { self.spool = spool }

    convenience init(directory: String, limit: Int) throws(DeliveryFailure) {
        do throws(SpoolError) {
            self.init(try Spool(directory: directory, limit: limit))
        } catch {
            throw DeliveryFailure("\(error)", .retrySlowly)
        }
    }

    var room: Int { held.isEmpty ? MemoryStock.batch : 0 }
    var inMemory: Int { held.count }
    var bytesOnDisk: Int { spool.bytes }
    var problem: String? { writeProblem ?? readProblem }
    var isEmpty: Bool { spool.isEmpty && held.isEmpty }

    var unstated: Loss {
        get { spool.unstated }
        set {
            guard newValue != spool.unstated else { return }
            spool.unstated = newValue
            writeProblem = Self.problem { () throws(SpoolError) in try spool.savePosition() }
        }
    }

    func add(_ records: [Record]) {
        held += records
        store()
    }

    func front() -> [Record] {
        store()
        var records: [Record] = []
        readProblem = Self.problem { () throws(SpoolError) in records = try spool.front() }
        isHeldInFront = records.isEmpty && spool.isEmpty
        return isHeldInFront ? held : records
    }

    func removeFront() {
        if isHeldInFront {
            held = []
            isHeldInFront = false
        } else {
            writeProblem = Self.problem { () throws(SpoolError) in try spool.removeFront() }
        }
    }

    /// The disk may have room by now, though nothing was delivered.
    func putAside(_ rest: [Record]) -> Bool {
        guard isHeldInFront else {
            store()
            return false
        }
        (held, isHeldInFront) = (rest, false)
        store()
        isHeldInFront = spool.isEmpty
        return !isHeldInFront
    }

    private func store() {
        guard !held.isEmpty, !isHeldInFront else { return }
        writeProblem = Self.problem { () throws(SpoolError) in
            while !held.isEmpty {
                let count = try spool.append(held)
                if count == 0 { throw .full(limit: spool.limit) }
                held.removeFirst(count)
            }
        }
    }

    private static func problem(_ work: () throws(SpoolError) -> Void) -> String? {
        do throws(SpoolError) {
            try work()
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// Records in memory, and on disk from the moment that one could not be delivered: for a destination that takes a record
/// in less time than a disk.
final class ReserveStock: Stock {
    private let disk: SpoolStock
    /// What no delivery was tried of.
    private var fresh: [Record] = []

    init(_ disk: SpoolStock) { self.disk = disk }

    var room: Int { fresh.isEmpty ? disk.room : 0 }
    var inMemory: Int { fresh.count + disk.inMemory }
    var bytesOnDisk: Int { disk.bytesOnDisk }
    var isEmpty: Bool { fresh.isEmpty && disk.isEmpty }
    /// A disk that nothing is to be kept on is nobody's problem, whatever it was.
    var problem: String? { isEmpty ? nil : disk.problem }

    var unstated: Loss {
        get { disk.unstated }
        set { disk.unstated = newValue }
    }

    func add(_ records: [Record]) {
        if isEmpty { fresh = records } else { disk.add(records) }
    }

    func front() -> [Record] { fresh.isEmpty ? disk.front() : fresh }

    func removeFront() {
        if fresh.isEmpty { disk.removeFront() } else { fresh = [] }
    }

    func putAside(_ rest: [Record]) -> Bool {
        guard !fresh.isEmpty else { return disk.putAside(rest) }
        fresh = []
        disk.add(rest)
        return true
    }
}
