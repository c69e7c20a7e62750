/** Streets where the source of words has none of the language. */
export const streets: Readonly<Record<string, string>> = {
  fr: 'Rue de la Paix|Avenue Victor Hugo|Rue des Écoles|Boulevard Voltaire|Rue du Château|Place de l’Église',
  es: 'Calle Mayor|Avenida de la Constitución|Calle del Sol|Plaza España|Calle Real|Paseo del Prado',
  it: 'Via Roma|Corso Garibaldi|Via Dante|Piazza San Marco|Via Mazzini|Viale Europa',
  pt_BR:
    'Rua das Flores|Avenida Paulista|Rua São João|Avenida Brasil|Rua XV de Novembro',
  nl: 'Kerkstraat|Dorpsstraat|Stationsweg|Molenweg|Schoolstraat|Beatrixlaan',
  pl: 'ul. Polna|ul. Leśna|ul. Słoneczna|ul. Krótka|al. Jerozolimskie|ul. Łąkowa',
  sv: 'Storgatan|Drottninggatan|Skolgatan|Björkvägen|Ängsvägen',
  ru: 'ул. Ленина|ул. Мира|пр. Победы|ул. Садовая|ул. Лесная',
  ja: '中央町|本町|栄町|緑町|旭町',
  ar: 'شارع الملك فهد|شارع العليا|طريق المدينة|شارع التحلية',
  he: 'רחוב הרצל|שדרות רוטשילד|רחוב ויצמן|רחוב יפו',
  vi: 'Đường Lê Lợi|Đường Nguyễn Huệ|Đường Trần Phú|Đường Hai Bà Trưng',
}

/** Cities, likewise. */
export const cities: Readonly<Record<string, string>> = {
  en_GB:
    'London|Manchester|Birmingham|Leeds|Glasgow|Bristol|Cardiff|Belfast|Newcastle upon Tyne|Stoke-on-Trent',
  sv: 'Stockholm|Göteborg|Malmö|Uppsala|Västerås|Örebro|Linköping|Umeå',
  pt_BR:
    'São Paulo|Rio de Janeiro|Brasília|Salvador|Fortaleza|Belo Horizonte|Curitiba|Porto Alegre',
  nl: 'Amsterdam|Rotterdam|Den Haag|Utrecht|Eindhoven|Groningen|’s-Hertogenbosch',
  ja: '東京|横浜市|大阪市|名古屋市|札幌市|福岡市|京都市|神戸市',
}
