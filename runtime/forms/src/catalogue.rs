//! Every word of the interface itself, in all three locales.
//!
//! The table below is the only source: a message that lacks a locale does not compile. Names that tenants choose
//! (labels, options, rule messages) come from the snapshot and are not here.

use serde::ser::{Serialize, SerializeMap, Serializer};
use trellis_metadata::label::Locale;

macro_rules! messages {
    ($($name:ident = $en:literal, $zh_cn:literal, $zh_tw:literal;)*) => {
        /// One text of the interface. `{0}`, `{1}` stand for what [`Message::fill`] puts in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Message { $($name),* }

        impl Message {
            pub const ALL: &'static [Message] = &[$(Message::$name),*];

            pub fn text(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $((Message::$name, Locale::En) => $en,
                      (Message::$name, Locale::ZhCn) => $zh_cn,
                      (Message::$name, Locale::ZhTw) => $zh_tw,)*
                }
            }

            /// The name templates know it by.
            pub fn name(self) -> &'static str {
                match self { $(Message::$name => stringify!($name)),* }
            }
        }
    };
}

messages! {
    // frame
    SkipToContent = "Skip to main content", "跳到主要内容", "跳到主要內容";
    Menu = "Menu", "菜单", "選單";
    MainNavigation = "Main navigation", "主导航", "主導覽";
    Breadcrumb = "Breadcrumb", "当前位置", "目前位置";
    Home = "Home", "首页", "首頁";
    Notifications = "Notifications", "通知", "通知";
    UnreadCount = "{0} unread", "{0} 条未读", "{0} 則未讀";
    Account = "Account", "账户", "帳戶";
    Language = "Language", "语言", "語言";
    SignOut = "Sign out", "退出登录", "登出";
    CustomObjects = "Your objects", "自定义对象", "自訂物件";
    Apps = "Apps", "应用", "應用程式";
    Organisation = "Organisation", "组织", "組織";
    Dismiss = "Dismiss", "关闭", "關閉";
    // login and setup
    SignIn = "Sign in", "登录", "登入";
    SignInTo = "Sign in to {0}", "登录 {0}", "登入 {0}";
    Email = "E-mail", "邮箱", "電子郵件";
    Password = "Password", "密码", "密碼";
    Name = "Name", "姓名", "姓名";
    SetupTitle = "Set up Trellis", "开始使用 Trellis", "開始使用 Trellis";
    SetupLead = "Create the first administrator. This page works once, and only with the link printed at start.", "创建第一位管理员。本页只能使用一次，且仅能通过启动时打印的链接打开。", "建立第一位管理員。本頁只能使用一次，且僅能透過啟動時印出的連結開啟。";
    SetupAction = "Create administrator", "创建管理员", "建立管理員";
    PasswordHint = "At least 12 characters. A short sentence is good.", "至少 12 个字符，用一句话也很好。", "至少 12 個字元，用一句話也很好。";
    PasswordAgain = "Password again", "再次输入密码", "再次輸入密碼";
    TenantNameHint = "Lower-case letters, digits and underscores; part of every address.", "小写字母、数字和下划线；会出现在每个网址中。", "小寫字母、數字和底線；會出現在每個網址中。";
    TenantNameBad = "The tenant name is lower-case letters, digits and underscores, with a letter first.", "租户名称只能包含小写字母、数字和下划线，并以字母开头。", "租戶名稱只能包含小寫字母、數字和底線，並以字母開頭。";
    EntryLead = "Every organisation has a tenant name; it is part of its address.", "每个组织都有一个租户名称，它是网址的一部分。", "每個組織都有一個租戶名稱，它是網址的一部分。";
    Continue = "Continue", "继续", "繼續";
    TenantName = "Tenant name", "租户名称", "租戶名稱";
    // home
    Welcome = "Welcome, {0}", "{0}，您好", "{0}，您好";
    RecentNotifications = "Recent notifications", "最新通知", "最新通知";
    AllNotifications = "All notifications", "全部通知", "全部通知";
    NothingToSee = "There is nothing here for you yet", "这里还没有您的内容", "這裡還沒有您的內容";
    NothingToSeeHelp = "Ask an administrator to give you a role, or to install a package.", "请联系管理员为您分配角色，或安装应用包。", "請聯絡管理員為您指派角色，或安裝套件。";
    OpenList = "Open list", "打开列表", "開啟清單";
    // list
    New = "New", "新建", "新增";
    NewOne = "New {0}", "新建{0}", "新增{0}";
    AllRecords = "All", "全部", "全部";
    Views = "Views", "视图", "檢視";
    Search = "Search", "搜索", "搜尋";
    SearchIn = "Search in {0}", "在“{0}”中搜索", "在「{0}」中搜尋";
    Filter = "Filter", "筛选", "篩選";
    Filters = "Filters", "筛选条件", "篩選條件";
    Apply = "Apply", "应用", "套用";
    ClearFilters = "Clear all", "全部清除", "全部清除";
    RemoveFilter = "Remove filter {0}", "移除筛选“{0}”", "移除篩選「{0}」";
    AnyValue = "Any", "不限", "不限";
    SortAscending = "Sort by {0}, ascending", "按“{0}”升序排列", "依「{0}」遞增排序";
    SortDescending = "Sort by {0}, descending", "按“{0}”降序排列", "依「{0}」遞減排序";
    NextPage = "Next page", "下一页", "下一頁";
    FirstPage = "First page", "第一页", "第一頁";
    ShownCount = "{0} shown", "显示 {0} 条", "顯示 {0} 筆";
    ShownOf = "{0} of {1}", "{0} / 共 {1} 条", "{0} / 共 {1} 筆";
    EmptyList = "No {0} yet", "还没有{0}", "還沒有{0}";
    EmptyListHelp = "Create the first one here, import a file, or send it through the API.", "可以在此新建第一条，也可以导入文件或通过 API 写入。", "可以在此新增第一筆，也可以匯入檔案或透過 API 寫入。";
    EmptyListReadOnly = "Records appear here as soon as somebody shares them with you.", "有人与您共享后，记录会显示在这里。", "有人與您共用後，記錄會顯示在這裡。";
    NothingFound = "Nothing matches", "没有符合条件的记录", "沒有符合條件的記錄";
    NothingFoundHelp = "Try fewer words or remove a filter.", "请减少关键词或移除筛选条件。", "請減少關鍵字或移除篩選條件。";
    // record
    Edit = "Edit", "编辑", "編輯";
    Delete = "Delete", "删除", "刪除";
    Print = "Print", "打印", "列印";
    MoreActions = "More", "更多", "更多";
    DeleteHelp = "Moves the record to the recycle bin, from where it can be restored.", "将记录移入回收站，之后可以恢复。", "將記錄移至回收桶，之後可以還原。";
    State = "State", "状态", "狀態";
    StateDone = "done", "已完成", "已完成";
    StateCurrent = "current", "当前", "目前";
    StateUpcoming = "to come", "待进行", "待進行";
    Details = "Details", "详情", "詳細資料";
    History = "History", "历史记录", "歷史記錄";
    HistoryCreated = "{0} created the record", "{0} 创建了记录", "{0} 建立了記錄";
    HistoryUpdated = "{0} made changes", "{0} 修改了记录", "{0} 修改了記錄";
    HistoryDeleted = "{0} deleted the record", "{0} 删除了记录", "{0} 刪除了記錄";
    HistoryRestored = "{0} brought the record back", "{0} 恢复了记录", "{0} 還原了記錄";
    Revert = "Go back to this", "恢复到此版本", "還原到此版本";
    HistoryEmpty = "No changes yet.", "暂无变更。", "暫無變更。";
    Was = "was", "原为", "原為";
    SystemActor = "System", "系统", "系統";
    Unknown = "Unknown", "未知", "未知";
    Nothing = "—", "—", "—";
    Total = "Total", "合计", "合計";
    NoLines = "No lines yet.", "暂无明细。", "暫無明細。";
    NoRelated = "Nothing related yet.", "暂无关联记录。", "暫無關聯記錄。";
    ShowAll = "Show all", "查看全部", "檢視全部";
    Created = "Created", "创建于", "建立於";
    Updated = "Updated", "更新于", "更新於";
    Owner = "Owner", "负责人", "負責人";
    By = "{0} by {1}", "{0} · {1}", "{0} · {1}";
    // edit
    EditOne = "Edit {0}", "编辑 {0}", "編輯 {0}";
    Save = "Save", "保存", "儲存";
    Cancel = "Cancel", "取消", "取消";
    Required = "required", "必填", "必填";
    RequiredLegend = "Fields marked with * are required.", "带 * 的字段为必填项。", "帶 * 的欄位為必填。";
    ErrorSummary = "There is a problem", "有问题需要处理", "有問題需要處理";
    ErrorPrefix = "Error:", "错误：", "錯誤：";
    ChooseOne = "Choose…", "请选择…", "請選擇…";
    ByDefault = "{0} (default)", "{0}（默认）", "{0}（預設）";
    NoChoice = "None", "无", "無";
    Yes = "Yes", "是", "是";
    No = "No", "否", "否";
    AddRows = "Add rows", "添加行", "新增列";
    File = "File", "文件", "檔案";
    FileHint = "{0}; at most {1} MB", "{0}；最大 {1} MB", "{0}；最大 {1} MB";
    RemoveFile = "Remove file", "移除文件", "移除檔案";
    SignHere = "Sign here", "在此签名", "在此簽名";
    ClearDrawing = "Clear", "清除", "清除";
    RemoveRow = "Remove", "移除", "移除";
    RemoveRowNumber = "Remove row {0}", "移除第 {0} 行", "移除第 {0} 列";
    RowField = "{0}, row {1}", "{0}，第 {1} 行", "{0}，第 {1} 列";
    Row = "Row", "行", "列";
    RowNumber = "Row {0}", "第 {0} 行", "第 {0} 列";
    RefreshFields = "Update fields", "刷新字段", "更新欄位";
    GeolocationHint = "Latitude, longitude, for example 31.2304, 121.4737", "纬度, 经度，例如 31.2304, 121.4737", "緯度, 經度，例如 25.0330, 121.5654";
    RichTextHint = "HTML, cleaned when saved: headings, lists, tables, links, bold and italic stay.", "HTML，保存时会清理：保留标题、列表、表格、链接、粗体和斜体。", "HTML，儲存時會清理：保留標題、清單、表格、連結、粗體和斜體。";
    MarkdownHint = "Markdown: **bold**, *italic*, - list, [link](https://…)", "Markdown：**粗体**、*斜体*、- 列表、[链接](https://…)", "Markdown：**粗體**、*斜體*、- 清單、[連結](https://…)";
    DurationHint = "Hours and minutes, like 1:30, or 90m", "小时和分钟，例如 1:30 或 90m", "小時和分鐘，例如 1:30 或 90m";
    TagsHint = "Commas between them", "用逗号分隔", "以逗號分隔";
    ColorHint = "Like #2255cc", "例如 #2255cc", "例如 #2255cc";
    RatingOf = "{0} of {1}", "{0} / {1}", "{0} / {1}";
    HoursShort = "{0} h", "{0} 小时", "{0} 小時";
    MinutesShort = "{0} min", "{0} 分", "{0} 分";
    SecondsShort = "{0} s", "{0} 秒", "{0} 秒";
    AddressCountry = "Country", "国家或地区", "國家或地區";
    AddressRegion = "State or province", "省份", "省份";
    AddressCity = "City", "城市", "城市";
    AddressDistrict = "District", "区县", "區鄉鎮";
    AddressStreet = "Street", "街道门牌", "街道門牌";
    AddressPostalCode = "Postal code", "邮政编码", "郵遞區號";
    JsonHint = "JSON", "JSON", "JSON";
    UsePosition = "Use my position", "使用我的位置", "使用我的位置";
    UnsavedChanges = "You have unsaved changes.", "有未保存的更改。", "有未儲存的變更。";
    CalculatedOnSave = "Calculated when saved", "保存时计算", "儲存時計算";
    // problems of a form
    EnterField = "Enter {0}.", "请填写{0}。", "請填寫{0}。";
    About = "{0}: {1}", "{0}：{1}", "{0}：{1}";
    NotANumber = "{0} must be a number, like 12.50.", "{0}必须是数字，例如 12.50。", "{0}必須是數字，例如 12.50。";
    NotAWholeNumber = "{0} must be a whole number, like 12.", "{0}必须是整数，例如 12。", "{0}必須是整數，例如 12。";
    NotADate = "{0} must be a date, like 2026-11-23.", "{0}必须是日期，例如 2026-11-23。", "{0}必須是日期，例如 2026-11-23。";
    NotADateTime = "{0} must be a date and time, like 2026-11-23 14:30.", "{0}必须是日期和时间，例如 2026-11-23 14:30。", "{0}必須是日期和時間，例如 2026-11-23 14:30。";
    NotATime = "{0} must be a time, like 14:30.", "{0}必须是时间，例如 14:30。", "{0}必須是時間，例如 14:30。";
    NotADuration = "{0} must be a length of time, like 1:30 or 90m.", "{0}必须是时长，例如 1:30 或 90m。", "{0}必須是時長，例如 1:30 或 90m。";
    NotAPosition = "{0} must be latitude and longitude, like 31.2304, 121.4737.", "{0}必须是纬度和经度，例如 31.2304, 121.4737。", "{0}必須是緯度和經度，例如 25.0330, 121.5654。";
    NotAnOption = "Choose one of the listed values for {0}.", "请从列表中选择{0}。", "請從清單中選擇{0}。";
    NotAccepted = "{0} is not accepted as written. Check it and try again.", "{0}的内容无效，请检查后重试。", "{0}的內容無效，請檢查後重試。";
    NoSuchRecord = "There is no such {0}. Choose one from the list.", "找不到该{0}，请从列表中选择。", "找不到該{0}，請從清單中選擇。";
    InRow = "Row {0}: {1}", "第 {0} 行：{1}", "第 {0} 列：{1}";
    UnknownFormField = "The form carried a field that does not exist any more. Reload the page.", "表单中包含已不存在的字段，请刷新页面。", "表單中包含已不存在的欄位，請重新整理頁面。";
    TooManyRows = "Too many rows; save some first.", "行数过多，请先保存一部分。", "列數過多，請先儲存一部分。";
    LoginTooOften = "Too many attempts. Wait a minute and try again.", "尝试次数过多，请一分钟后再试。", "嘗試次數過多，請一分鐘後再試。";
    LoginFailed = "E-mail or password is wrong.", "邮箱或密码错误。", "電子郵件或密碼錯誤。";
    TooManyAttempts = "Too many attempts. Wait a minute and try again.", "尝试次数过多，请稍等一分钟再试。", "嘗試次數過多，請稍候一分鐘再試。";
    PageTooOld = "This page was open too long. Try again.", "页面打开时间过长，请重试。", "頁面開啟時間過長，請重試。";
    PageTooOldKept = "This page was open too long and nothing was saved. What you typed is still here: save again.", "页面打开时间过长，尚未保存。您输入的内容仍在，请再次保存。", "頁面開啟時間過長，尚未儲存。您輸入的內容仍在，請再次儲存。";
    PasswordTooShort = "The password must have at least 12 characters.", "密码至少需要 12 个字符。", "密碼至少需要 12 個字元。";
    PasswordsDiffer = "The two passwords are not the same.", "两次输入的密码不一致。", "兩次輸入的密碼不一致。";
    // after an action
    Saved = "Saved.", "已保存。", "已儲存。";
    Deleted = "Deleted. It can be restored from the recycle bin.", "已删除，可从回收站恢复。", "已刪除，可從回收桶還原。";
    TransitionDone = "Done: {0}.", "已完成：{0}。", "已完成：{0}。";
    // notifications
    MarkAllRead = "Mark all as read", "全部标为已读", "全部標為已讀";
    NoNotifications = "No notifications", "暂无通知", "暫無通知";
    NoNotificationsHelp = "You will be told here when something waits for you.", "有事项需要您处理时，会在这里提醒您。", "有事項需要您處理時，會在這裡提醒您。";
    UnreadMark = "unread", "未读", "未讀";
    // error pages
    NotFoundTitle = "Page not found", "页面不存在", "找不到頁面";
    NotFoundText = "The address is wrong, the record was deleted, or it was never shared with you.", "地址有误，或记录已删除，或从未与您共享。", "網址有誤，或記錄已刪除，或從未與您共用。";
    ForbiddenTitle = "Not allowed", "没有权限", "沒有權限";
    ForbiddenText = "Your roles do not allow this. Ask an administrator if you need it.", "您的角色不允许此操作；如有需要，请联系管理员。", "您的角色不允許此操作；如有需要，請聯絡管理員。";
    ExpiredTitle = "This page was open too long", "页面打开时间过长", "頁面開啟時間過長";
    ExpiredText = "Nothing was changed. Reload the page and try again.", "未做任何更改。请刷新页面后重试。", "未做任何變更。請重新整理頁面後重試。";
    ConflictTitle = "Somebody else changed this record", "记录已被他人修改", "記錄已被他人修改";
    ConflictText = "Your changes were not saved, so that theirs are not lost. Open the record again and repeat your change.", "为避免覆盖他人的修改，您的更改未保存。请重新打开记录后再修改。", "為避免覆蓋他人的修改，您的變更未儲存。請重新開啟記錄後再修改。";
    UnprocessableTitle = "This could not be done", "无法完成操作", "無法完成操作";
    UnprocessableText = "Nothing was changed.", "未做任何更改。", "未做任何變更。";
    TooManyTitle = "Too many requests", "请求过多", "請求過多";
    TooManyText = "More was asked for than may be in so short a time. Wait a moment, then try again.", "短时间内的请求超出了上限，请稍候再试。", "短時間內的請求超出了上限，請稍候再試。";
    ServerErrorTitle = "Something went wrong", "出错了", "發生錯誤";
    ServerErrorText = "Nothing was lost that was saved before. Try again; if it happens again, give the number below to your administrator.", "之前已保存的内容不会丢失。请重试；如再次出现，请将下方编号告知管理员。", "先前已儲存的內容不會遺失。請重試；如再次發生，請將下方編號告知管理員。";
    UnavailableTitle = "Not available right now", "暂时无法使用", "暫時無法使用";
    UnavailableText = "The service is starting or busy. Try again in a moment.", "服务正在启动或繁忙，请稍后再试。", "服務正在啟動或忙碌，請稍後再試。";
    TraceNumber = "Number", "编号", "編號";
    BackToHome = "Back to home", "返回首页", "返回首頁";
    OpenRecord = "Open the record again", "重新打开记录", "重新開啟記錄";
    TryAgain = "Try again", "重试", "重試";
    // pages of error codes
    ErrorCodes = "Error codes", "错误代码", "錯誤代碼";
    ErrorCause = "Cause", "原因", "原因";
    ErrorRemedy = "What to do", "处理方法", "處理方法";
    ErrorInDocument = "In a document", "在文档中", "在文件中";
    ErrorClass = "Class", "类别", "類別";
}

impl Message {
    /// The text with `{0}`, `{1}` … replaced.
    pub fn fill(self, locale: Locale, values: &[&str]) -> String {
        let mut rest = self.text(locale);
        let mut out = String::with_capacity(rest.len());
        while let Some(at) = rest.find('{') {
            let (before, hole) = rest.split_at(at);
            out.push_str(before);
            let digit = hole.as_bytes().get(1).copied().unwrap_or_default();
            let value = digit.checked_sub(b'0').and_then(|index| values.get(usize::from(index)));
            out.push_str(value.copied().unwrap_or_default());
            rest = hole.get(3..).unwrap_or_default();
        }
        out.push_str(rest);
        out
    }
}

/// All texts of one locale, as templates read them: `{{@root.text.Save}}`.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue(pub Locale);

impl Serialize for Catalogue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Message::ALL.len()))?;
        for message in Message::ALL {
            map.serialize_entry(message.name(), message.text(self.0))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holes(text: &str) -> Vec<char> {
        let mut found: Vec<char> =
            text.match_indices('{').filter_map(|(at, _)| text[at + 1..].chars().next()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_locale_says_it_with_the_same_holes() {
        for message in Message::ALL {
            for locale in Locale::ALL {
                let text = message.text(locale);
                assert!(!text.trim().is_empty(), "{message:?} lacks {locale:?}");
                assert_eq!(holes(text), holes(message.text(Locale::En)), "{message:?} in {locale:?}");
            }
        }
    }

    #[test]
    fn holes_are_filled_in_the_order_of_the_locale() {
        assert_eq!(Message::By.fill(Locale::En, &["today", "Li"]), "today by Li");
        assert_eq!(Message::By.fill(Locale::ZhCn, &["今天", "Li"]), "今天 · Li");
        assert_eq!(Message::EnterField.fill(Locale::En, &["{0}"]), "Enter {0}.");
        assert_eq!(Message::InRow.fill(Locale::En, &[]), "Row : ");
    }
}
