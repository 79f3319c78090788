import Testing

@testable import Alerts

@Suite struct AlertMessageTests {
    @Test func generic() throws {
        let expected =
            #"{"cursor":"c1","event":"raised","finding":{"id":"f-1","n":1},"#
            + #""message":"CRITICAL privileged shop/web-0 web: 41 <capabilities> & more","node":"node-1","#
            + #""schema":"breakoutd-alert/1","time":"2023-11-14T22:13:20.000Z"}"#
        #expect(try AlertMessage.json(#require(Alert(.sample()))) == expected)
    }

    @Test func whatIsUnknownIsNull() throws {
        let alert = try #require(Alert(.sample(1, ["_HOSTNAME": nil, "BREAKOUTD_JSON": nil])))
        let json = try AlertMessage.json(alert)
        #expect(json.contains(#""node":null"#) && json.contains(#""finding":null"#))
    }

    @Test func slack() throws {
        let expected =
            #"{"mrkdwn":false,"text":"CRITICAL privileged shop/web-0 web: 41 &lt;capabilities&gt; &amp; more\n"#
            + #"node node-1 · raised · 2023-11-14T22:13:20.000Z\nbreakoutd explain privileged"}"#
        #expect(try AlertMessage.slack(#require(Alert(.sample()))) == expected)
    }

    /// A letter that joins what follows hides nothing.
    @Test func joinedForSlack() throws {
        let alert = try #require(Alert(.sample(1, ["MESSAGE": "\u{D4E}<!channel>"])))
        #expect(try AlertMessage.slack(alert).contains("\u{D4E}&lt;!channel&gt;"))
    }

    static let subjects: [(message: String, subject: String)] = [
        ("HIGH t a/b c: d", "breakoutd: HIGH t a/b c: d"),
        ("HIGH t ä\u{7F}\nb", #"breakoutd: HIGH t ?\x7f\nb"#),
        (String(repeating: "x", count: 300), "breakoutd: " + String(repeating: "x", count: 88)),
    ]

    @Test(arguments: subjects)
    func subject(message: String, subject: String) throws {
        #expect(AlertMessage.subject(try #require(Alert(.sample(1, ["MESSAGE": message])))) == subject)
    }
}
