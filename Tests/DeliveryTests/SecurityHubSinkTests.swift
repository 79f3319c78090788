import AWS
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Delivery

@Suite struct HubBatchTests {
    private static func records(_ ids: [String]) -> [Record] {
        ids.enumerated().map { Record(time: Int64($0.offset), text: #"{"Id":"\#($0.element)"}"#) }
    }

    static let cases: [(ids: [String], count: Int)] = [
        ([], 0), (["a"], 1), (["a", "b", "a", "c"], 2), (["a", "a"], 1),
        ((0..<100).map(String.init), 100), ((0..<101).map(String.init), 100),
    ]

    @Test(arguments: cases)
    func batch(ids: [String], count: Int) {
        #expect(HubTarget.batch(of: Self.records(ids)).count == count)
    }

    @Test func whatIsNoFindingIsOneOfItsOwn() {
        #expect(HubTarget.batch(of: [Record(time: 0, text: "x"), Record(time: 1, text: "[]")]).count == 2)
    }
}

/// Against moto's Security Hub.
@Suite(.enabled(if: BenchPython.hasBotocore, "needs packaging/bench/setup, for botocore and moto"))
struct SecurityHubSinkTests {
    private static let service = #"""
        import logging, os, threading
        from moto.moto_server.werkzeug_app import create_backend_app
        from werkzeug.serving import make_server
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        faults = ["500", "html"]
        app = create_backend_app("securityhub")
        def faulty(environment, start):
            if environment["PATH_INFO"] != "/findings/import" or not faults:
                return app(environment, start)
            environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
            fault = faults.pop(0)
            start("503 x" if fault == "500" else "200 OK", [("Content-Type", "application/json")])
            return [b"<html>try later</html>"]
        server = make_server("127.0.0.1", 0, faulty, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_port, flush=True)
        os.read(0, 1)
        os._exit(0)
        """#

    /// The ids of the findings that are there, with their states.
    private static let findings = #"""
        import botocore.session, sys
        client = botocore.session.get_session().create_client(
            "securityhub", region_name="eu-central-1", endpoint_url=sys.argv[1], aws_access_key_id="k",
            aws_secret_access_key="s")
        pages = client.get_paginator("get_findings").paginate()
        print("ready", *(f["Id"] + "=" + f["RecordState"] for page in pages for f in page["Findings"]))
        """#

    private static func record(_ id: String, _ state: String, at time: Int64) -> Record {
        let text = #"{"Id":"\#(id)","RecordState":"\#(state)","Resources":[{"Type":"Other","Id":"n"}]}"#
        return Record(time: time, text: text)
    }

    @Test func everythingArrives() throws {
        try TemporaryDirectory.with { directory in
            let service = try StandIn(Self.service, interpreter: BenchPython.interpreter)
            let endpoint = "http://127.0.0.1:\(service.words[0])"
            let destination = Destination()
            let environment = LogService.keys.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 }
            let sink = SecurityHubSink.start(
                region: "eu-central-1", endpoint: endpoint,
                document: { text, place in
                    #expect(place == InstancePlace(region: "eu-central-1", instance: nil))
                    return text == "none" ? nil : text
                }, spool: "\(directory.path)/spool", spoolLimit: 1 << 20, environment: environment,
                destination.settings())
            let start = Clock.wallMilliseconds()
            for number in 0..<120 { sink.offer(Self.record("f\(number)", "ACTIVE", at: start + Int64(number))) }
            sink.offer(Self.record("f7", "ARCHIVED", at: start + 200))
            // Not what moto takes for a finding: it has no resource.
            sink.offer(Record(time: start + 300, text: #"{"Id":"bad","Resources":[]}"#))
            // Nor what there is no document of.
            sink.offer(Record(time: start + 400, text: "none"))
            let deadline = Deadline(secondsFromNow: 60)
            while sink.state.delivered + sink.state.lost < 123, !deadline.isPast { sched_yield() }
            #expect(sink.close() == 0)
            let found = try StandIn(
                Self.findings, arguments: [endpoint], interpreter: BenchPython.interpreter
            ).words
            let expected = (0..<120).map { "f\($0)=\($0 == 7 ? "ARCHIVED" : "ACTIVE")" }
            #expect(Set(found).isSuperset(of: expected) && found.filter { $0.hasPrefix("f7=") }.count == 1)
            #expect(
                destination.told.prefix(2) == [
                    "Security Hub is not available: status 503", "Security Hub is not available: malformed answer",
                ])
            #expect(destination.told.contains { $0?.hasPrefix("Security Hub refuses 1: InvalidInput") == true })
            #expect(sink.state.lost == 2)
        }
    }
}
