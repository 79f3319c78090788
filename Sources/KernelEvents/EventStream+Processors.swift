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
    /// A CPU that goes offline and comes back between two calls is not noticed, and its ring stays silent afterwards
    /// (kernel/events/core.c, perf_event_exit_cpu_context).
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
        let watched = Set(sources.map(\.ring.cpu))
        var change = ProcessorChange(came: [], went: [])
        for source in sources where !online.contains(source.ring.cpu) {
            // Until then the ring still has something to tell.
            guard source.ring.isEmpty else { continue }
            countsOfClosed[source.ring.cpu, default: EventCounts()] += source.counts
            change.went.append(source.ring.cpu)
        }
        sources.removeAll { change.went.contains($0.ring.cpu) }
        unwatched = [:]
        for cpu in online where !watched.contains(cpu) {
            do throws(KernelEventsError) {
                // Before the ring: of two events, the kernel serves the later one first.
                let alarm = try? PerfAlarm(cpu: cpu)
                let ring = try PerfRing(cpu: cpu, size: options.roundedRingSize, whole: whole)
                addTracepoints(to: ring)
                sources.append(ProcessorEvents(ring, alarm: alarm, tracepoints))
                change.came.append(cpu)
            } catch {
                unwatched[cpu] = error
            }
        }
        if sources.isEmpty { throw unwatched.min { $0.key < $1.key }?.value ?? .malformedProcessorList }
        let alarms = sources.compactMap { $0.alarm?.descriptor }
        polled = (signals + sources.map(\.ring.descriptor) + alarms).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        return change
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
