//! The table of everything that can be answered instead of success: stable code, class, title and message in the three
//! locales. `docs/errors/<code>.md` explains each to a person.
//!
//! Messages are templates; `{name}` is replaced by the parameter of that name.

use trellis_metadata::label::Locale;

/// What the caller can do about it. Only the server turns a class into a status line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    Conflict,
    Gone,
    PreconditionFailed,
    TooLarge,
    UnsupportedMedia,
    Unprocessable,
    TooMany,
    Internal,
    Unavailable,
}

struct Entry {
    code: &'static str,
    class: Class,
    titles: [&'static str; 3],
    messages: [&'static str; 3],
}

macro_rules! error_codes {
    ($($variant:ident $code:literal $class:ident {
        $title_en:literal, $title_cn:literal, $title_tw:literal;
        $message_en:literal, $message_cn:literal, $message_tw:literal $(;)?
    })*) => {
        /// A stable, documented reason.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($variant),* }

        impl ErrorCode {
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),*];

            fn entry(self) -> &'static Entry {
                match self {
                    $(ErrorCode::$variant => &Entry {
                        code: $code,
                        class: Class::$class,
                        titles: [$title_en, $title_cn, $title_tw],
                        messages: [$message_en, $message_cn, $message_tw],
                    }),*
                }
            }
        }
    };
}

error_codes! {
    // The query
    InvalidQuery "invalid_query" BadRequest {
        "Query not understood", "无法理解查询", "無法理解查詢";
        "{reason}, at character {at} of `{text}`.", "`{text}` 的第 {at} 个字符处：{reason}。", "`{text}` 的第 {at} 個字元處：{reason}。"
    }
    UnknownParameter "unknown_parameter" BadRequest {
        "Unknown parameter", "未知参数", "未知參數";
        "There is no parameter or field `{name}`.", "不存在参数或字段 `{name}`。", "不存在參數或欄位 `{name}`。"
    }
    MissingParameter "missing_parameter" BadRequest {
        "Parameter missing", "缺少参数", "缺少參數";
        "The parameter `{name}` is needed.", "需要参数 `{name}`。", "需要參數 `{name}`。"
    }
    UnknownField "unknown_field" BadRequest {
        "Unknown field", "未知字段", "未知欄位";
        "`{object}` has no field `{name}`.", "`{object}` 没有字段 `{name}`。", "`{object}` 沒有欄位 `{name}`。"
    }
    UnknownRelation "unknown_relation" BadRequest {
        "Unknown relation", "未知关联", "未知關聯";
        "`{object}` has no relation `{name}` to embed.", "`{object}` 没有可嵌入的关联 `{name}`。", "`{object}` 沒有可嵌入的關聯 `{name}`。"
    }
    UnknownColumn "unknown_column" BadRequest {
        "Unknown column", "未知列", "未知欄";
        "The answer has no column `{name}`.", "结果中没有列 `{name}`。", "結果中沒有欄 `{name}`。"
    }
    NotEmbedded "not_embedded" BadRequest {
        "Relation is not selected", "未选择该关联", "未選擇該關聯";
        "`{name}` is not embedded; add it to select first, as in `select=*,{name}(*)`.",
        "`{name}` 未被嵌入；请先加入 select，例如 `select=*,{name}(*)`。",
        "`{name}` 未被嵌入；請先加入 select，例如 `select=*,{name}(*)`。"
    }
    UnknownOperator "unknown_operator" BadRequest {
        "Unknown operator", "未知运算符", "未知運算子";
        "`{name}` is not an operator; supported are {supported}.", "`{name}` 不是运算符；支持 {supported}。", "`{name}` 不是運算子；支援 {supported}。"
    }
    OperatorNotApplicable "operator_not_applicable" BadRequest {
        "Operator does not fit the field", "运算符不适用于该字段", "運算子不適用於該欄位";
        "`{operator}` does not work on the field `{name}`; {supported} do.", "`{operator}` 不适用于字段 `{name}`；可用：{supported}。", "`{operator}` 不適用於欄位 `{name}`；可用：{supported}。"
    }
    InvalidValue "invalid_value" BadRequest {
        "Invalid value", "值无效", "值無效";
        "`{value}` is not one of {expected}.", "`{value}` 不在以下取值中：{expected}。", "`{value}` 不在以下取值中：{expected}。"
    }
    NotANumber "not_a_number" BadRequest {
        "Not a whole number", "不是整数", "不是整數";
        "`{value}` is not a whole number.", "`{value}` 不是整数。", "`{value}` 不是整數。"
    }
    Unsupported "unsupported" BadRequest {
        "Not supported", "不支持", "不支援";
        "{feature} is not supported here.", "此处不支持 {feature}。", "此處不支援 {feature}。"
    }
    DuplicateName "duplicate_name" BadRequest {
        "Name given twice", "名称重复", "名稱重複";
        "`{name}` is given twice; use an alias as in `other:{name}`.", "`{name}` 出现两次；请使用别名，例如 `other:{name}`。", "`{name}` 出現兩次；請使用別名，例如 `other:{name}`。"
    }
    DuplicateParameter "duplicate_parameter" BadRequest {
        "Parameter given twice", "参数重复", "參數重複";
        "The parameter `{name}` may be given once only.", "参数 `{name}` 只能出现一次。", "參數 `{name}` 只能出現一次。"
    }
    QueryTooLarge "query_too_large" BadRequest {
        "Query too large", "查询过大", "查詢過大";
        "At most {limit} {what} are allowed.", "最多允许 {limit} 个 {what}。", "最多允許 {limit} 個 {what}。"
    }
    InvalidCursor "invalid_cursor" BadRequest {
        "Invalid cursor", "游标无效", "游標無效";
        "The cursor was not issued for this query; start again without it.", "该游标不属于此查询；请去掉游标重新开始。", "該游標不屬於此查詢；請去掉游標重新開始。"
    }
    InvalidRange "invalid_range" BadRequest {
        "Invalid range", "范围无效", "範圍無效";
        "`{value}` is not a range of items such as `0-24`.", "`{value}` 不是有效的条目范围（例如 `0-24`）。", "`{value}` 不是有效的項目範圍（例如 `0-24`）。"
    }
    OffsetTooLarge "offset_too_large" BadRequest {
        "Offset too large", "偏移过大", "偏移過大";
        "Offsets end at {limit}; continue with the cursor of the last page.", "偏移不得超过 {limit}；请用上一页的游标继续。", "偏移不得超過 {limit}；請用上一頁的游標繼續。"
    }
    FilterRequired "filter_required" BadRequest {
        "Filter required", "需要过滤条件", "需要篩選條件";
        "A write without an id or a filter would change every record; name the records meant.",
        "没有 id 或过滤条件的写入会更改所有记录；请指明目标记录。",
        "沒有 id 或篩選條件的寫入會更改所有記錄；請指明目標記錄。"
    }
    InvalidPreference "invalid_preference" BadRequest {
        "Preference not understood", "无法满足的偏好", "無法滿足的偏好";
        "`{name}` is not a preference known here.", "`{name}` 不是已知的偏好设置。", "`{name}` 不是已知的偏好設定。"
    }
    UnknownConflictKey "unknown_conflict_key" BadRequest {
        "Unknown unique key", "未知唯一键", "未知唯一鍵";
        "`{name}` is not a unique key of `{object}`.", "`{name}` 不是 `{object}` 的唯一键。", "`{name}` 不是 `{object}` 的唯一鍵。"
    }
    InvalidIdempotencyKey "invalid_idempotency_key" BadRequest {
        "Idempotency key not usable", "幂等键无效", "冪等鍵無效";
        "An Idempotency-Key has 1 to {limit} visible ASCII characters and is given once.",
        "Idempotency-Key 须为 1 至 {limit} 个可见 ASCII 字符，且只能出现一次。",
        "Idempotency-Key 須為 1 至 {limit} 個可見 ASCII 字元，且只能出現一次。"
    }
    // The body
    InvalidJson "invalid_json" BadRequest {
        "Body is not JSON", "请求体不是 JSON", "請求內容不是 JSON";
        "{reason}, at byte {at}.", "第 {at} 字节处：{reason}。", "第 {at} 位元組處：{reason}。"
    }
    InvalidRequest "invalid_request" BadRequest {
        "Request not understood", "无法理解请求", "無法理解請求";
        "The request is malformed.", "请求格式有误。", "請求格式有誤。"
    }
    ValidationFailed "validation_failed" Unprocessable {
        "Record refused", "记录未通过校验", "記錄未通過驗證";
        "Findings in the record: {count}; nothing was written.", "记录有 {count} 处问题，未写入任何内容。", "記錄有 {count} 處問題，未寫入任何內容。"
    }
    WrongType "wrong_type" Unprocessable {
        "Wrong type", "类型错误", "類型錯誤";
        "Expected {expected}.", "需要 {expected}。", "需要 {expected}。"
    }
    Required "required" Unprocessable {
        "Required", "必填", "必填";
        "A value is required.", "此项必填。", "此項必填。"
    }
    TooLong "too_long" Unprocessable {
        "Too long", "过长", "過長";
        "At most {limit} characters are allowed.", "最多 {limit} 个字符。", "最多 {limit} 個字元。"
    }
    TooManyItems "too_many_items" Unprocessable {
        "Too many items", "条目过多", "項目過多";
        "At most {limit} are allowed at once.", "一次最多 {limit} 条。", "一次最多 {limit} 筆。"
    }
    OutOfRange "out_of_range" Unprocessable {
        "Out of range", "超出范围", "超出範圍";
        "The value is outside the range allowed.", "值超出允许范围。", "值超出允許範圍。"
    }
    ResultTooLarge "result_too_large" Unprocessable {
        "Result too large", "计算结果过大", "計算結果過大";
        "What is computed from these values is larger than its field can hold.", "由这些值计算的结果超出字段可保存的范围。", "由這些值計算的結果超出欄位可儲存的範圍。"
    }
    UnknownZone "unknown_zone" Unprocessable {
        "Unknown time zone", "未知时区", "未知時區";
        "There is no such time zone; use a name such as Asia/Shanghai.", "没有该时区；请使用 Asia/Shanghai 这样的名称。", "沒有該時區；請使用 Asia/Taipei 這樣的名稱。"
    }
    InvalidFormat "bad_format" Unprocessable {
        "Invalid format", "格式无效", "格式無效";
        "The value does not have the form required.", "值的格式不符合要求。", "值的格式不符合要求。"
    }
    TooManyDigits "too_many_digits" Unprocessable {
        "Too many digits", "位数过多", "位數過多";
        "The number has more digits than the field keeps.", "数字位数超过字段可保存的位数。", "數字位數超過欄位可儲存的位數。"
    }
    BadCharacter "bad_character" Unprocessable {
        "Character cannot be stored", "含有无法保存的字符", "含有無法儲存的字元";
        "The text contains a character that cannot be stored.", "文本包含无法保存的字符。", "文字包含無法儲存的字元。"
    }
    PatternMismatch "pattern_mismatch" Unprocessable {
        "Form not as expected", "格式不符合要求", "格式不符合要求";
        "The text does not have the form the field asks for.", "文本不符合字段要求的格式。", "文字不符合欄位要求的格式。"
    }
    NotAnObject "not_an_object" Unprocessable {
        "Not an object", "不是对象", "不是物件";
        "A record is a JSON object.", "记录必须是 JSON 对象。", "記錄必須是 JSON 物件。"
    }
    NotAList "not_a_list" Unprocessable {
        "Not a list", "不是列表", "不是清單";
        "A collection is an array of records.", "子集合必须是记录数组。", "子集合必須是記錄陣列。"
    }
    NotAFlag "not_a_flag" Unprocessable {
        "Not true or false", "不是布尔值", "不是布林值";
        "`{name}` is true or false.", "`{name}` 只能是 true 或 false。", "`{name}` 只能是 true 或 false。"
    }
    NotAnId "not_an_id" Unprocessable {
        "Not an id", "不是 id", "不是 id";
        "An id is a UUID.", "id 必须是 UUID。", "id 必須是 UUID。"
    }
    UnknownOption "not_an_option" Unprocessable {
        "Unknown option", "未知选项", "未知選項";
        "The value is not one of the options.", "该值不在可选项中。", "該值不在可選項中。"
    }
    ReadOnlyField "read_only_field" Unprocessable {
        "Field is read-only", "字段只读", "欄位唯讀";
        "`{name}` is set by the system; leave it out.", "`{name}` 由系统维护，请勿提交。", "`{name}` 由系統維護，請勿提交。"
    }
    ImmutableField "immutable_field" Unprocessable {
        "Field may not change", "字段不可更改", "欄位不可更改";
        "The field may not change after create.", "该字段创建后不可更改。", "該欄位建立後不可更改。"
    }
    RuleViolated "rule_violated" Unprocessable {
        "Rule violated", "违反规则", "違反規則";
        "The record breaks a validation rule.", "记录违反校验规则。", "記錄違反驗證規則。"
    }
    TransitionRefused "transition_refused" Unprocessable {
        "Transition refused", "状态变更被拒绝", "狀態變更被拒絕";
        "This change of state is not allowed: `{from}` to `{to}`.", "不允许此状态变更：`{from}` → `{to}`。", "不允許此狀態變更：`{from}` → `{to}`。"
    }
    UnknownReference "unknown_reference" Unprocessable {
        "Record referred to does not exist", "引用的记录不存在", "參照的記錄不存在";
        "The record referred to does not exist.", "引用的记录不存在。", "參照的記錄不存在。"
    }
    UnknownFile "unknown_file" NotFound {
        "File does not exist", "文件不存在", "檔案不存在";
        "The file does not exist.", "文件不存在。", "檔案不存在。"
    }
    UnreadablePicture "unreadable_picture" Unprocessable {
        "Picture cannot be read", "无法读取图片", "無法讀取圖片";
        "The picture cannot be read, or has more than {limit} pixels.",
        "无法读取该图片，或其像素超过 {limit}。",
        "無法讀取該圖片，或其像素超過 {limit}。"
    }
    UnknownOperation "unknown_operation" Unprocessable {
        "No such operation", "操作不存在", "操作不存在";
        "No earlier operation is named `{name}`.", "前面没有名为 `{name}` 的操作。", "前面沒有名為 `{name}` 的操作。"
    }
    DuplicateOperation "duplicate_operation" Unprocessable {
        "Name given to two operations", "两个操作同名", "兩個操作同名";
        "Another operation is named `{name}` already.", "已有名为 `{name}` 的操作。", "已有名為 `{name}` 的操作。"
    }
    DuplicateId "duplicate_id" Unprocessable {
        "Id is taken", "id 已被使用", "id 已被使用";
        "The id is taken; choose another or leave it out.", "该 id 已被使用；请另选或不填。", "該 id 已被使用；請另選或不填。"
    }
    InvalidDocument "invalid_document" Unprocessable {
        "Documents refused", "文档未通过校验", "文件未通過驗證";
        "Findings in the documents: {count}; nothing was changed.", "文档有 {count} 处问题，未做任何更改。", "文件有 {count} 處問題，未做任何更改。"
    }
    IdempotencyMismatch "idempotency_mismatch" Unprocessable {
        "Idempotency key reused", "幂等键被重复使用", "冪等鍵被重複使用";
        "This Idempotency-Key was used with another request.", "该 Idempotency-Key 已用于另一个请求。", "該 Idempotency-Key 已用於另一個請求。"
    }
    // Who is asking
    Unauthenticated "unauthenticated" Unauthorized {
        "Sign-in required", "需要登录", "需要登入";
        "Send a valid access token.", "请提供有效的访问令牌。", "請提供有效的存取權杖。"
    }
    InvalidCredentials "invalid_credentials" Unauthorized {
        "Sign-in refused", "登录失败", "登入失敗";
        "Tenant, e-mail or password is wrong.", "租户、邮箱或密码错误。", "租戶、電子郵件或密碼錯誤。"
    }
    Forbidden "forbidden" Forbidden {
        "Not allowed", "无权操作", "無權操作";
        "You may not do this.", "您无权执行此操作。", "您無權執行此操作。"
    }
    ForbiddenField "forbidden_field" Forbidden {
        "Field may not be written", "无权写入字段", "無權寫入欄位";
        "You may read `{name}` but not write it.", "您可以读取 `{name}`，但不能写入。", "您可以讀取 `{name}`，但不能寫入。"
    }
    LastAdministrator "last_administrator" Forbidden {
        "Last administrator", "最后一名管理员", "最後一名管理員";
        "This is the last active administrator; let another one in first.", "这是最后一名启用的管理员；请先设置另一名管理员。", "這是最後一名啟用的管理員；請先設定另一名管理員。"
    }
    CrossSite "cross_site" Forbidden {
        "Cross-site request refused", "跨站请求被拒绝", "跨站請求被拒絕";
        "The request came from another site.", "请求来自其他站点。", "請求來自其他網站。"
    }
    // What is asked for
    UnknownRoute "unknown_route" NotFound {
        "No such address", "地址不存在", "位址不存在";
        "There is nothing at this address.", "此地址不存在。", "此位址不存在。"
    }
    UnknownTenant "unknown_tenant" NotFound {
        "No such tenant", "租户不存在", "租戶不存在";
        "There is no such tenant.", "该租户不存在。", "該租戶不存在。"
    }
    UnknownObject "unknown_object" NotFound {
        "No such object", "对象不存在", "物件不存在";
        "There is no object `{name}`.", "对象 `{name}` 不存在。", "物件 `{name}` 不存在。"
    }
    UnknownRecord "unknown_record" NotFound {
        "No such record", "记录不存在", "記錄不存在";
        "There is no such record.", "该记录不存在。", "該記錄不存在。"
    }
    UnknownDocument "unknown_document" NotFound {
        "No such document", "文档不存在", "文件不存在";
        "There is no such document.", "该文档不存在。", "該文件不存在。"
    }
    UnknownRevision "unknown_revision" NotFound {
        "No such revision", "修订不存在", "修訂不存在";
        "There is no such revision.", "该修订不存在。", "該修訂不存在。"
    }
    MethodNotAllowed "method_not_allowed" MethodNotAllowed {
        "Method not allowed", "不允许的方法", "不允許的方法";
        "This address does not answer this method.", "此地址不支持该方法。", "此位址不支援該方法。"
    }
    // PostgREST clients look for this very code.
    NotSingular "PGRST116" NotAcceptable {
        "Not exactly one record", "记录数不为一", "記錄數不為一";
        "Cannot coerce the result to a single JSON object", "无法返回单个 JSON 对象", "無法傳回單一 JSON 物件"
    }
    NotAcceptable "not_acceptable" NotAcceptable {
        "No acceptable form", "无可接受的格式", "無可接受的格式";
        "Supported are {supported}.", "支持 {supported}。", "支援 {supported}。"
    }
    UnsupportedMedia "unsupported_media" UnsupportedMedia {
        "Unsupported body", "不支持的请求体类型", "不支援的內容類型";
        "Send {supported}.", "请发送 {supported}。", "請傳送 {supported}。"
    }
    // The state of things
    NotUnique "not_unique" Conflict {
        "Value already taken", "值已被占用", "值已被占用";
        "Another record has this value already.", "已有其他记录使用该值。", "已有其他記錄使用該值。"
    }
    InUse "in_use" Conflict {
        "Record is in use", "记录正被引用", "記錄正被參照";
        "Other records refer to this one; remove them first.", "有其他记录引用它，请先移除。", "有其他記錄參照它，請先移除。"
    }
    StaleRevision "stale_revision" Conflict {
        "Another publish came first", "已有更新的发布", "已有更新的發布";
        "Another revision is current now; plan again.", "当前修订已变更；请重新规划。", "目前修訂已變更；請重新規劃。"
    }
    ConfirmationRequired "confirmation_required" Conflict {
        "Confirmation required", "需要确认", "需要確認";
        "The migration may lose data; send its hash to confirm.", "此迁移可能丢失数据；请提交其哈希以确认。", "此遷移可能遺失資料；請提交其雜湊以確認。"
    }
    MigrationRefused "migration_refused" Conflict {
        "Migration impossible", "无法迁移", "無法遷移";
        "The records present do not allow this change; see the verdicts of the plan.", "现有记录不允许此更改；请查看计划中的结论。", "現有記錄不允許此更改；請查看計畫中的結論。"
    }
    RequestInFlight "request_in_flight" Conflict {
        "Still running", "仍在处理中", "仍在處理中";
        "A request with this Idempotency-Key is still running.", "使用该 Idempotency-Key 的请求仍在处理中。", "使用該 Idempotency-Key 的請求仍在處理中。"
    }
    Gone "gone" Gone {
        "No longer there", "已不存在", "已不存在";
        "This was removed.", "该内容已被移除。", "該內容已被移除。"
    }
    StaleVersion "stale_version" PreconditionFailed {
        "Changed in the meantime", "记录已被他人修改", "記錄已被他人修改";
        "The record has another version now; read it again.", "记录已有新版本，请重新读取。", "記錄已有新版本，請重新讀取。"
    }
    TooManyAffected "too_many_affected" BadRequest {
        "Too many records affected", "影响的记录过多", "影響的記錄過多";
        "{count} records would change, more than {limit}; nothing was written.", "将更改 {count} 条记录，超过 {limit}；未写入任何内容。", "將更改 {count} 筆記錄，超過 {limit}；未寫入任何內容。"
    }
    UnknownJob "unknown_job" NotFound {
        "No such job", "任务不存在", "工作不存在";
        "There is no such import or export of yours.", "您没有这样的导入或导出任务。", "您沒有這樣的匯入或匯出工作。"
    }
    JobNotEnded "job_not_ended" Conflict {
        "Not to be taken back", "无法撤销", "無法復原";
        "Only an import that has ended and was no dry run can be taken back, and once.", "只有已结束且不是试运行的导入才能撤销，且只能撤销一次。", "只有已結束且不是試執行的匯入才能復原，且只能復原一次。"
    }
    FileNotUtf8 "file_not_utf8" Unprocessable {
        "Unknown encoding", "编码未知", "編碼未知";
        "What follows line {line} is not UTF-8; save the file as UTF-8, or name its encoding: `charset=gb18030`.", "第 {line} 行之后的内容不是 UTF-8；请将文件另存为 UTF-8，或指明编码：`charset=gb18030`。", "第 {line} 行之後的內容不是 UTF-8；請將檔案另存為 UTF-8，或指明編碼：`charset=big5`。"
    }
    RecordTooLong "record_too_long" Unprocessable {
        "Row too long", "行过长", "列過長";
        "The row at line {line} has more than {limit} bytes; perhaps a quote is never closed.", "第 {line} 行的数据超过 {limit} 字节；可能有引号未闭合。", "第 {line} 行的資料超過 {limit} 位元組；可能有引號未閉合。"
    }
    QuoteNotClosed "quote_not_closed" Unprocessable {
        "Quote not closed", "引号未闭合", "引號未閉合";
        "A quote in the row at line {line} is never closed.", "第 {line} 行的引号没有闭合。", "第 {line} 行的引號沒有閉合。"
    }
    EmptyFile "empty_file" Unprocessable {
        "Nothing to import", "没有可导入的内容", "沒有可匯入的內容";
        "The file has no row to import.", "文件中没有可导入的行。", "檔案中沒有可匯入的列。"
    }
    TooManyCells "too_many_cells" Unprocessable {
        "More cells than columns", "单元格多于列", "儲存格多於欄";
        "The row has more cells than there are columns.", "该行的单元格多于列数。", "該列的儲存格多於欄數。"
    }
    BodyTooLarge "body_too_large" TooLarge {
        "Body too large", "请求体过大", "請求內容過大";
        "At most {limit} bytes are accepted.", "最多接受 {limit} 字节。", "最多接受 {limit} 位元組。"
    }
    FileTooLarge "file_too_large" TooLarge {
        "File too large", "文件过大", "檔案過大";
        "The file may have at most {limit} bytes.", "文件最多 {limit} 字节。", "檔案最多 {limit} 位元組。"
    }
    FileType "file_type" UnsupportedMedia {
        "Type of file not accepted", "不接受的文件类型", "不接受的檔案類型";
        "The file is none of: {accept}. Its content counts, not its name.",
        "文件不属于以下类型：{accept}。以内容为准，与文件名无关。",
        "檔案不屬於以下類型：{accept}。以內容為準，與檔名無關。"
    }
    TooManyFiles "too_many_files" Conflict {
        "Too many files waiting", "待保存的文件过多", "待儲存的檔案過多";
        "You have sent many files that no record has taken yet; save them with a record, or wait a day.",
        "您已上传许多尚未随记录保存的文件；请先保存记录，或等待一天。",
        "您已上傳許多尚未隨記錄儲存的檔案；請先儲存記錄，或等待一天。"
    }
    TooManyRequests "too_many_requests" TooMany {
        "Too many requests", "请求过多", "請求過多";
        "Wait {seconds} seconds, then try again.", "请等待 {seconds} 秒后再试。", "請等待 {seconds} 秒後再試。"
    }
    TooManyStreams "too_many_streams" TooMany {
        "Too many streams of events", "事件流过多", "事件串流過多";
        "At most {limit} streams may be open at once; close one first.", "最多同时打开 {limit} 个事件流；请先关闭一个。", "最多同時開啟 {limit} 個事件串流；請先關閉一個。"
    }
    Internal "internal" Internal {
        "Internal error", "内部错误", "內部錯誤";
        "Something went wrong here; the trace id tells us what.", "服务器内部出错，可凭追踪编号查询。", "伺服器內部出錯，可憑追蹤編號查詢。"
    }
    Unavailable "unavailable" Unavailable {
        "Temporarily unavailable", "暂时不可用", "暫時無法使用";
        "The storage does not answer; try again shortly.", "存储暂无响应，请稍后再试。", "儲存暫無回應，請稍後再試。"
    }
    Republished "republished" Unavailable {
        "The documents just changed", "配置刚刚发布", "設定剛剛發布";
        "The tenant was published while the request ran; send it again.", "请求处理期间租户配置已更新，请重新发送。", "請求處理期間租戶設定已更新，請重新傳送。"
    }
    Deadline "deadline" Unavailable {
        "Took too long", "执行超时", "執行逾時";
        "The query was stopped at its deadline; narrow it.", "查询已超时并被终止，请缩小范围。", "查詢已逾時並被終止，請縮小範圍。"
    }
}

impl ErrorCode {
    pub fn as_str(self) -> &'static str {
        self.entry().code
    }

    pub fn class(self) -> Class {
        self.entry().class
    }

    pub fn title(self, locale: Locale) -> &'static str {
        self.entry().titles[locale as usize]
    }

    /// A template: `{name}` stands for a parameter.
    pub fn message(self, locale: Locale) -> &'static str {
        self.entry().messages[locale as usize]
    }

    /// The code of a finding made by a crate that does not know this table.
    pub fn find(code: &str) -> Option<ErrorCode> {
        Self::ALL.iter().copied().find(|known| known.as_str() == code)
    }
}
