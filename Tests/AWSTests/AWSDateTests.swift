import Testing

@testable import AWS

@Suite struct AWSDateTests {
    static let texts: [(time: Int64, text: String)] = [
        (0, "19700101T000000Z"), (exampleTime, "20150830T123600Z"), (1_709_210_096, "20240229T123456Z"),
        (253_402_300_799, "99991231T235959Z"), (-1, "19700101T000000Z"), (.min, "19700101T000000Z"),
        (.max, "99991231T235959Z"),
    ]

    @Test(arguments: texts)
    func text(time: Int64, text: String) {
        #expect(AWSDate(time).text == text)
        #expect(AWSDate(time).day == text.prefix(8))
    }

    static let times: [(text: String, time: Int64?)] = [
        ("2015-08-30T12:36:00Z", exampleTime), ("2015-08-30T12:36:00.500Z", exampleTime),
        ("2015-08-30T14:36:00+02:00", exampleTime), ("1970-01-01T00:00:00Z", 0), ("", nil), ("tomorrow", nil),
        ("1969-12-31T23:59:59Z", nil), ("2015-08-30", nil), ("2015-13-30T12:36:00Z", nil),
        ("99999999999999999999-01-01T00:00:00Z", nil),
    ]

    @Test(arguments: times)
    func seconds(text: String, time: Int64?) {
        #expect(AWSDate.seconds(text) == time)
    }
}
