package import HTTPTransport
import LinuxSystem

/// How a sink keeps, repeats and tells.
package struct SinkSettings: Sendable {
    package var bounds: QueueBounds
    /// The waits between attempts while a destination is away.
    package var retry: Retry
    /// The waits where an administrator has to do something first.
    package var slowRetry: Retry
    /// The record that states a loss; the time is in milliseconds since 1970.
    package var statement: @Sendable (Loss, Int64) -> String
    /// Is told, once each time, why nothing gets out any more, and with `nil` that it does again; on the sink's thread.
    package var onChange: @Sendable (String?) -> Void

    package init(
        bounds: QueueBounds = QueueBounds(), retry: Retry = Retry(first: 0.5, longest: 60),
        slowRetry: Retry = Retry(first: 30, longest: 900), statement: @escaping @Sendable (Loss, Int64) -> String,
        onChange: @escaping @Sendable (String?) -> Void
    ) {
        self.bounds = bounds
        self.retry = retry
        self.slowRetry = slowRetry
        self.statement = statement
        self.onChange = onChange
    }
}

/// Takes records from a queue, keeps them in a stock and delivers them; lives on the sink's thread.
final class Courier {
    private let queue: RecordQueue
    private var stock: any Stock = MemoryStock()
    private let settings: SinkSettings
    private let monitor: SinkMonitor
    private let makeStock: () throws(DeliveryFailure) -> any Stock
    /// When to make the stock; `nil` once it is made.
    private var nextOpening: Deadline? = Deadline(secondsFromNow: 0)
    private var failedOpenings = 0
    private let makeTarget: () throws(DeliveryFailure) -> any RecordTarget
    private var target: (any RecordTarget)?
    /// The part of the stock's front that is not out yet.
    private var pending: [Record] = []
    private var failures = 0
    private var nextAttempt = Deadline(secondsFromNow: 0)
    /// Why the latest attempts failed to make the stock, and to deliver.
    private var openingFailure: String?
    private var failure: String?

    init(
        queue: RecordQueue, settings: SinkSettings, monitor: SinkMonitor,
        makeStock: @escaping () throws(DeliveryFailure) -> any Stock,
        makeTarget: @escaping () throws(DeliveryFailure) -> any RecordTarget
    ) {
        self.queue = queue
        self.settings = settings
        self.monitor = monitor
        self.makeStock = makeStock
        self.makeTarget = makeTarget
    }

    /// Works until the queue is closed; returns how many records are lost with the sink.
    func run() -> Int {
        while true {
            if nextOpening?.isPast == true { openStock() }
            let isIdle = stock.isEmpty && stock.unstated.isEmpty
            let next = [isIdle ? nil : nextAttempt, nextOpening].compactMap { $0?.remainingMicroseconds }.min()
            let taken = queue.take(atMost: stock.room, waiting: next.map { Double($0) / 1_000_000 })
            keep(taken)
            if let end = taken.end { return finish(by: end) }
            if !stock.isEmpty, nextAttempt.isPast { _ = attempt() }
        }
    }

    /// Makes the stock, and moves there what waits in memory.
    private func openStock() {
        do throws(DeliveryFailure) {
            let new = try makeStock()
            let waiting = pending.isEmpty ? stock.front() : pending
            var unstated = new.unstated
            unstated.add(stock.unstated)
            new.unstated = unstated
            if !waiting.isEmpty {
                new.add(waiting)
                // What could not be delivered is not for memory.
                if failures > 0 { _ = new.putAside(waiting) }
            }
            (stock, pending, nextOpening, openingFailure) = (new, [], nil, nil)
        } catch {
            openingFailure = error.reason
            nextOpening = Deadline(secondsFromNow: settings.retry.delay(failedOpenings, serverAsks: nil))
            failedOpenings += 1
        }
        note()
        tell()
    }

    /// One last attempt with everything, and the rest to the spool if there is one.
    private func finish(by end: Deadline) -> Int {
        if nextOpening != nil { openStock() }
        var isWorking = true
        keep(queue.take(atMost: stock.room, waiting: 0))
        while queue.count > 0 || !stock.isEmpty {
            let before = (queue.count, stock.inMemory)
            keep(queue.take(atMost: stock.room, waiting: 0))
            isWorking = isWorking && !end.isPast && (stock.isEmpty || attempt())
            if !isWorking {
                putAside(pending.isEmpty ? stock.front() : pending)
                if before == (queue.count, stock.inMemory) { break }
            }
        }
        return queue.count + stock.inMemory
    }

    private func keep(_ taken: RecordQueue.Taken) {
        var records = taken.records
        var unstated = stock.unstated
        unstated.add(taken.loss)
        monitor.add(lost: taken.loss.total)
        let isStated = !unstated.isEmpty && stock.room > 0
        if isStated {
            let now = Clock.wallMilliseconds()
            records.insert(Record(time: now, text: settings.statement(unstated, now)), at: 0)
        }
        if !records.isEmpty { stock.add(records) }
        // After the record that states it: a loss is rather stated twice than not at all.
        stock.unstated = isStated ? Loss() : unstated
        note()
    }

    /// Delivers one part of the stock; false where something of it is left.
    private func attempt() -> Bool {
        let lostBefore = stock.unstated.total
        if pending.isEmpty { pending = stock.front() }
        var loss = Loss()
        let count = pending.count
        var failure: DeliveryFailure?
        do throws(DeliveryFailure) {
            if pending.isEmpty, !stock.isEmpty { throw DeliveryFailure(stock.problem ?? "nothing can be read", .retry) }
            try openTarget().deliver(&pending, loss: &loss)
        } catch {
            failure = error
        }
        let delivered = count - pending.count - loss.total
        if pending.isEmpty { stock.removeFront() } else { putAside(pending) }
        monitor.add(lost: stock.unstated.total - lostBefore + loss.total, delivered: delivered)
        var unstated = stock.unstated
        unstated.add(loss)
        stock.unstated = unstated
        if delivered > 0 { failures = 0 }
        // A destination that takes nothing gets the statements of that no faster than any other failure.
        schedule(failure, isFutile: count > 0 && delivered == 0)
        self.failure = failure?.reason
        note()
        tell()
        return failure == nil
    }

    private func putAside(_ rest: [Record]) {
        if stock.putAside(rest) { pending = [] }
    }

    private func note() {
        queue.settle(allBut: stock.inMemory)
        monitor.set(spoolBytes: stock.bytesOnDisk)
    }

    private func openTarget() throws(DeliveryFailure) -> any RecordTarget {
        if let target { return target }
        let new = try makeTarget()
        target = new
        return new
    }

    private func schedule(_ failure: DeliveryFailure?, isFutile: Bool) {
        guard failure != nil || isFutile else {
            failures = 0
            nextAttempt = Deadline(secondsFromNow: 0)
            return
        }
        let retry = failure?.remedy == .retrySlowly ? settings.slowRetry : settings.retry
        nextAttempt = Deadline(secondsFromNow: retry.delay(failures, serverAsks: nil))
        failures += 1
    }

    private func tell() {
        var reasons: [String] = []
        for case let reason? in [failure, openingFailure, stock.problem] where !reasons.contains(reason) {
            reasons.append(reason)
        }
        let text = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
        if monitor.set(failure: text) { settings.onChange(text) }
    }
}
