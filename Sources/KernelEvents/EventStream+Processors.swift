import Glibc
import LinuxSystem

extension EventStream {
    /// CPUs that came online or went offline: what their tasks did around that time may be missing.
    package struct ProcessorChange: Sendable, Equatable {
        package var came: [UInt32]
        package var went: [UInt32]
    }

    /// Compares the CPUs that are online with those that are listened to; to be called now and then.
    ///
    /// A CPU that went offline and came back meanwhile is among both, as its ring has been silent since: the second call
    /// after that tells, if not the first.
    ///
    /// Where the list cannot be read, as without a descriptor left, that is a gap: the rings need none.
    @discardableResult
    package func followProcessors() throws(KernelEventsError) -> ProcessorChange {
        let online: [UInt32]
        do throws(KernelEventsError) {
            online = try Processors.online(in: processorDirectory)
            listFailure = nil
        } catch {
            if sources.isEmpty { throw error }
            listFailure = error
            return ProcessorChange(came: [], went: [])
        }
        let live = sources.filter { online.contains($0.ring.cpu) && $0.ring.hasGoneOn() }
        let ended = sources.filter { source in !live.contains { $0 === source } }
        // Those that still have something to tell are kept until then.
        let read = ended.filter(\.isEmpty)
        for source in read { countsOfClosed[source.ring.cpu, default: EventCounts()] += source.counts }
        sources = live + ended.filter { !$0.isEmpty }
        let watched = Set(live.map(\.ring.cpu))
        let change = ProcessorChange(came: open(online.filter { !watched.contains($0) }), went: read.map(\.ring.cpu))
        if sources.isEmpty { throw unwatched.min { $0.key < $1.key }?.value ?? .malformedProcessorList }
        let alarms = sources.compactMap { $0.alarm?.descriptor }
        polled = (signals + sources.map(\.ring.descriptor) + alarms).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        return change
    }

    /// Opens rings, and returns the CPUs of those that could be opened.
    private func open(_ processors: [UInt32]) -> [UInt32] {
        unwatched = [:]
        return processors.filter { cpu in
            do throws(KernelEventsError) {
                // Before the ring: of two events, the kernel serves the later one first.
                let alarm = try? PerfAlarm(cpu: cpu)
                let ring = try PerfRing(cpu: cpu, size: options.roundedRingSize, whole: whole)
                addTracepoints(to: ring)
                sources.append(ProcessorEvents(ring, alarm: alarm, tracepoints))
                return true
            } catch {
                unwatched[cpu] = error
                return false
            }
        }
    }

    private func addTracepoints(to ring: PerfRing) {
        for tracepoint in tracepoints.offered {
            do throws(KernelEventsError) {
                try ring.add(tracepoint)
            } catch {
                refused[tracepoint.kind.name] = .refused(error)
            }
        }
    }
}
