//! Questions about a challenge, its documents, and the agreement before them.

use super::Challenge;
use super::status::ChallengeStatus;

/// Most characters of a question.
pub const QUESTION_MAX: usize = 1_000;
/// Most characters of an answer.
pub const ANSWER_MAX: usize = 10_000;
/// Questions of one person about one challenge that wait for an answer, at the most.
pub const WAITING_MAX: usize = 5;

/// Documents that are added to one challenge at the most, those of answers included.
pub const DOCUMENTS_MAX: usize = 40;

/// What is agreed to before documents of a challenge are read. Whoever changes the text counts the
/// version up: those who have agreed to an older one are asked again.
pub const AGREEMENT_VERSION: i64 = 1;
pub const AGREEMENT: &str = "\
一、下载的资料（下称“保密资料”）属于发榜方。我只为评估和准备本榜单的揭榜使用它们，不作其他用途。\n\
二、我不向第三方提供或公开保密资料；因准备揭榜确需知悉的本单位人员和联合体成员，由我告知并要求他们遵守同样的约定。\n\
三、未中榜、撤榜或决定不揭榜的，我停止使用并删除保密资料及其复制件；法律法规要求留存的除外。\n\
四、已经公开、我合法取得于第三方或独立完成的内容，不受本约定限制。\n\
五、本约定自同意之时起生效，至发榜方公开有关内容或满三年止。违反约定的，依法承担责任，并可能记入科研诚信记录。\n\
六、平台保存我同意的文本、版本、账号和时间，供发榜方和主管部门在发生争议时查证。";

/// Whether questions are taken: while bids are, and until the time that the challenge says.
pub fn takes_questions(status: ChallengeStatus, challenge: &Challenge, now: i64) -> bool {
    let before = |time: Option<i64>| time.is_none_or(|time| now < time);
    status == ChallengeStatus::Open && before(challenge.questions_until) && before(challenge.closes_at)
}

/// Whether the publisher may answer: while an answer still helps those who bid.
pub fn takes_answers(status: ChallengeStatus, challenge: &Challenge, now: i64) -> bool {
    status == ChallengeStatus::Open && challenge.closes_at.is_none_or(|closes| now < closes)
}

/// Whether the publisher may add documents: while it prepares the challenge, and while they still help
/// those who bid. One that was published stays.
pub fn takes_documents(status: ChallengeStatus, challenge: &Challenge, now: i64) -> bool {
    status == ChallengeStatus::Preparing || takes_answers(status, challenge, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_end_when_the_challenge_says_and_answers_at_closing() {
        let challenge = Challenge { questions_until: Some(5), closes_at: Some(9), ..Challenge::default() };
        let may = |status, now| (takes_questions(status, &challenge, now), takes_answers(status, &challenge, now));
        let open = ChallengeStatus::Open;
        assert_eq!(
            [4, 5, 8, 9].map(|now| may(open, now)),
            [(true, true), (false, true), (false, true), (false, false)]
        );
        for status in ChallengeStatus::ALL.into_iter().filter(|s| *s != open) {
            assert_eq!(may(status, 0), (false, false), "{status:?}");
        }
        let documents = |status, now| takes_documents(status, &challenge, now);
        assert!(documents(open, 8) && !documents(open, 9) && documents(ChallengeStatus::Preparing, 9));
        assert!(ChallengeStatus::ALL.into_iter().filter(|s| documents(*s, 0)).count() == 2);
        let always = Challenge { questions_until: None, ..challenge };
        assert!(takes_questions(open, &always, 8) && !takes_questions(open, &always, 9));
    }

    #[test]
    fn the_agreement_is_a_text_of_six_points() {
        assert_eq!(AGREEMENT.lines().count(), 6);
        assert!(AGREEMENT.lines().all(|line| line.ends_with('。')));
    }
}
