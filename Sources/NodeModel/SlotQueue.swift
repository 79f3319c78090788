/// Slots of a table in the order they were put in; any of them can be taken out at once, and nothing is allocated for it.
struct SlotQueue {
    private var next: [Int32] = []
    private var previous: [Int32] = []
    private(set) var first: Int?
    private var last: Int?

    private static let none: Int32 = -1

    /// Puts a slot at the end; it must not be in the queue.
    mutating func append(_ slot: Int) {
        while next.count <= slot {
            next.append(Self.none)
            previous.append(Self.none)
        }
        if let last { next[last] = Int32(slot) } else { first = slot }
        previous[slot] = last.map { Int32($0) } ?? Self.none
        next[slot] = Self.none
        last = slot
    }

    /// Takes a slot out; it must be in the queue.
    mutating func remove(_ slot: Int) {
        let (before, after) = (previous[slot], next[slot])
        if before == Self.none { first = index(after) } else { next[Int(before)] = after }
        if after == Self.none { last = index(before) } else { previous[Int(after)] = before }
    }

    private func index(_ slot: Int32) -> Int? { slot == Self.none ? nil : Int(slot) }
}
